using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Archives;

/// <summary>The content of a file, exactly as long as the archive says, whatever is written to it meanwhile.</summary>
internal sealed unsafe class ArchivedFile(int descriptor, long length) : Stream
{
    private int _descriptor = descriptor;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => _position; set => _position = value == _position ? value : throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        if (wanted == 0)
        {
            return 0;
        }

        int read;
        fixed (byte* start = buffer)
        {
            read = Descriptors.Read(_descriptor, start, wanted);
        }

        if (read == 0)
        {
            // Cut off meanwhile.
            buffer[..wanted].Clear();
            read = wanted;
        }

        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) =>
        (origin, offset) == (SeekOrigin.Begin, _position) ? offset : throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Descriptors.Close(ref _descriptor);
        base.Dispose(disposing);
    }
}
