namespace ToolRuntime.OpenApi.Upstream;

/// <summary>Keeps a copy of what is read through it, up to a bound, and hands it over at the end.</summary>
internal sealed class KeptStream(Stream inner, int maximum, Action<byte[]> keep) : Stream
{
    private MemoryStream? _copy = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        Took(buffer[..read], isEnd: read == 0 && buffer.Length > 0);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Took(buffer.Span[..read], isEnd: read == 0 && buffer.Length > 0);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Took(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        if (_copy is null)
        {
            return;
        }

        if (isEnd)
        {
            keep(_copy.ToArray());
            _copy = null;
        }
        else if (_copy.Length + bytes.Length > maximum)
        {
            _copy = null;
        }
        else
        {
            _copy.Write(bytes);
        }
    }
}
