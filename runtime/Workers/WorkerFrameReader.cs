using System.Buffers;
using System.Runtime.CompilerServices;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Workers;

/// <summary>
/// Cuts a worker's byte stream into frames. Every byte is hostile: a length is believed only as far as bytes follow it, so a claim costs
/// no memory, and whatever is not a frame of a worker ends the stream with <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class WorkerFrameReader(Stream stream) : IDisposable
{
    private const int SmallBuffer = 32 << 10;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _start;
    private int _end;

    /// <summary>The next frame, or null at the stream's end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WorkerFrame?> NextAsync(CancellationToken cancellationToken)
    {
        WorkerFrame frame;
        while (!TryCut(out frame))
        {
            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return _start == _end ? null : throw new InvalidDataException("the worker's stream ends inside a frame");
            }

            _end += read;
        }

        return frame;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool TryCut(out WorkerFrame frame)
    {
        frame = default;
        var available = _buffer.AsSpan(_start, _end - _start);
        if (available.Length < WorkerFrameHeader.Size)
        {
            return false;
        }

        var header = WorkerFrameHeader.Read(available);
        if (header.Type is < WorkerFrameType.Ready or > WorkerFrameType.HostCall)
        {
            throw new InvalidDataException($"frame type {(byte)header.Type} is not a worker's");
        }

        if (available.Length - WorkerFrameHeader.Size < header.PayloadLength)
        {
            return false;
        }

        frame = new WorkerFrame(header.Type, header.Call, _buffer.AsMemory(_start + WorkerFrameHeader.Size, header.PayloadLength));
        _start += WorkerFrameHeader.Size + header.PayloadLength;
        return true;
    }

    private void MakeRoom()
    {
        var kept = _end - _start;
        if (kept == 0)
        {
            (_start, _end) = (0, 0);
            if (_buffer.Length > 16 * SmallBuffer)
            {
                Replace(SmallBuffer, kept);
            }
        }
        else if (kept > _buffer.Length / 2)
        {
            Replace(_buffer.Length * 2, kept);
        }
        else if (_end == _buffer.Length)
        {
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
            (_start, _end) = (0, kept);
        }
    }

    private void Replace(int size, int kept)
    {
        var next = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start, kept).CopyTo(next);
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (next, 0, kept);
    }
}
