using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Speaks gRPC over HTTP/2 (gRPC's PROTOCOL-HTTP2): one message out, one or many in. Without TLS by prior knowledge.</summary>
internal sealed class GrpcChannel : IDisposable
{
    private readonly Uri _server;
    private readonly GrpcOptions _options;
    private readonly HttpMessageInvoker _http;

    public GrpcChannel(Uri server, GrpcOptions options, PinnedConnector connector)
    {
        (_server, _options) = (server, options);
        var handler = connector.CreateHandler(options.ConnectTimeout);
        handler.EnableMultipleHttp2Connections = true;
        _http = new HttpMessageInvoker(handler);
    }

    /// <summary>The request of a method, to which credentials can be added.</summary>
    public ApiRequest Request(string method, ReadOnlyMemory<byte> message) => new()
    {
        Method = "POST",
        Url = $"{_server.GetLeftPart(UriPartial.Authority)}{method}",
        Headers = [new("TE", "trailers"), new("User-Agent", "ToolRuntime"), new("grpc-timeout", string.Create(CultureInfo.InvariantCulture, $"{(long)_options.Timeout.TotalMilliseconds}m"))],
        Body = new GrpcMessageBody(message) { ContentType = "application/grpc" },
    };

    /// <summary>Sends a request; gives the messages of the answer, and the status in <paramref name="end"/> once they have ended.</summary>
    /// <exception cref="ApiFaultException">There is no answer of gRPC.</exception>
    public async IAsyncEnumerable<byte[]> CallAsync(ApiRequest request, Action<GrpcStatus> end, CancellationToken deadline, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var message = request.ToMessage();
        message.Version = HttpVersion.Version20;
        message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var answer = await GuardAsync(() => _http.SendAsync(message, deadline), deadline, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw TransportFaults.Bad(_server.Host, $"status {(int)answer.StatusCode} where gRPC has 200");
        }

        await using var body = await answer.Content.ReadAsStreamAsync(deadline);
        while (await GuardAsync(() => ReadAsync(body, deadline), deadline, cancellationToken) is { } piece)
        {
            yield return piece;
        }

        end(GrpcStatus.Of(answer.TrailingHeaders) ?? GrpcStatus.Of(answer.Headers) ?? throw TransportFaults.Bad(_server.Host, "it ends without a gRPC status"));
    }

    public void Dispose() => _http.Dispose();

    private async Task<byte[]?> ReadAsync(Stream body, CancellationToken deadline)
    {
        var head = new byte[5];
        var read = await body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, deadline);
        if (read == 0)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(1));
        if (read < head.Length || head[0] != 0 || length > _options.MaxMessageBytes)
        {
            throw TransportFaults.Bad(_server.Host, head[0] != 0 ? "it compresses what was not asked for" : read < head.Length ? "a message is cut off" : $"a message of {length} bytes");
        }

        var message = new byte[length];
        await body.ReadExactlyAsync(message, deadline);
        return message;
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested && TransportFaults.Of(failed, _server.Host, deadline.IsCancellationRequested) is { } fault)
        {
            throw new ApiFaultException(fault, failed);
        }
    }
}
