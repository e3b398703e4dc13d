using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>
/// A container's standard input and output on one connection. What the container writes comes in pieces with a head of 8 bytes (stream, three
/// zeroes, length); reading gives its standard output, and keeps the last of its standard error. One reader, which may block.
/// </summary>
internal sealed class MultiplexedStream : Stream
{
    private const int HeadLength = 8;
    private const byte Output = 1;
    private const int MostKept = 16 * 1024;
    private readonly NetworkStream _stream;
    private readonly byte[] _head = new byte[HeadLength];
    private readonly Lock _gate = new();
    private readonly Queue<string> _errors = new();
    private uint _left;
    private int _kept;

    /// <summary>Takes over a connection whose head was read.</summary>
    public MultiplexedStream(Socket socket) => _stream = new NetworkStream(socket, ownsSocket: true);

    /// <summary>The last 16 KiB that the container wrote to its standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_gate)
            {
                return string.Concat(_errors);
            }
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (_left == 0)
        {
            if (!ReadHead())
            {
                return 0;
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4));
            if (_head[0] == Output)
            {
                _left = length;
            }
            else
            {
                KeepError(length);
            }
        }

        var read = _stream.Read(buffer[..(int)Math.Min((uint)buffer.Length, _left)]);
        _left -= (uint)read;
        return read;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => _stream.Write(buffer, offset, count);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => _stream.Write(buffer);

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool ReadHead()
    {
        for (var filled = 0; filled < HeadLength;)
        {
            var read = _stream.Read(_head.AsSpan(filled));
            if (read == 0)
            {
                return false;
            }

            filled += read;
        }

        return true;
    }

    private void KeepError(uint length)
    {
        var piece = new byte[4096];
        while (length > 0)
        {
            var read = _stream.Read(piece.AsSpan(0, (int)Math.Min((uint)piece.Length, length)));
            if (read == 0)
            {
                return;
            }

            length -= (uint)read;
            lock (_gate)
            {
                _errors.Enqueue(Encoding.UTF8.GetString(piece, 0, read));
                _kept += read;
                while (_kept > MostKept && _errors.Count > 1)
                {
                    _kept -= _errors.Dequeue().Length;
                }
            }
        }
    }
}
