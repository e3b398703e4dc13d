using System.Net;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>A <see cref="RequestBody"/> as HttpClient takes it.</summary>
internal sealed class MessageBody : HttpContent
{
    private readonly RequestBody _body;

    public MessageBody(RequestBody body)
    {
        _body = body;
        Headers.TryAddWithoutValidation("Content-Type", body.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _body.WriteAsync(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _body.WriteAsync(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length ?? 0;
        return _body.Length is not null;
    }
}
