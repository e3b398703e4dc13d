using System.Net;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>A body that, once it has been read to its end, hands what was read to the cache; not if it was larger than the bound.</summary>
internal sealed class KeptContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly int _maximum;
    private readonly Action<byte[]> _keep;

    public KeptContent(HttpContent inner, int maximum, Action<byte[]> keep)
    {
        (_inner, _maximum, _keep) = (inner, maximum, keep);
        foreach (var header in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() => new KeptStream(await _inner.ReadAsStreamAsync(), _maximum, _keep);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new KeptStream(await _inner.ReadAsStreamAsync(cancellationToken), _maximum, _keep);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await using var source = await CreateContentReadStreamAsync();
        await source.CopyToAsync(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
