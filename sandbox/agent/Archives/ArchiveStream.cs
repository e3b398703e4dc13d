using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Archives;

/// <summary>What is written goes to the host, held back by its window.</summary>
internal sealed unsafe class ArchiveStream(AgentStream stream) : Stream
{
    private readonly byte* _frame = (byte*)NativeMemory.Alloc(YamuxHeader.Size + Yamux.MaximumData);
    private int _filled;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var piece = Math.Min(buffer.Length, Yamux.MaximumData - _filled);
            buffer[..piece].CopyTo(new Span<byte>(_frame + YamuxHeader.Size + _filled, piece));
            _filled += piece;
            buffer = buffer[piece..];
            if (_filled == Yamux.MaximumData)
            {
                Flush();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <exception cref="IOException">The host has ended the stream.</exception>
    public override void Flush()
    {
        for (var sent = 0; sent < _filled;)
        {
            var piece = Math.Min(stream.WaitWindow(1), _filled - sent);

            // A header's room stands before the piece: at first it is kept free, later it is what was sent.
            if (piece == 0 || !stream.Send(_frame + sent, piece))
            {
                throw new IOException("The host has ended the archive.");
            }

            sent += piece;
        }

        _filled = 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_frame);
        base.Dispose(disposing);
    }
}
