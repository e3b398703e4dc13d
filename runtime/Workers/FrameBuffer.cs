using System.Buffers;
using System.Buffers.Binary;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Workers;

/// <summary>Host frames waiting to be written. Lengths are patched in when a frame ends, so nothing is measured or copied twice.</summary>
internal sealed class FrameBuffer : IBufferWriter<byte>
{
    private const int SmallBuffer = 16 << 10;
    private byte[] _bytes = new byte[SmallBuffer];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Begins a frame; give the result to <see cref="End"/>.</summary>
    public int Begin(WorkerFrameType type, uint call)
    {
        var at = Length;
        new WorkerFrameHeader(type, call, PayloadLength: 0).Write(GetSpan(WorkerFrameHeader.Size));
        Advance(WorkerFrameHeader.Size);
        return at;
    }

    /// <summary>Leaves four bytes for a length that <see cref="Patch"/> fills.</summary>
    public int Reserve()
    {
        var at = Length;
        GetSpan(sizeof(uint))[..sizeof(uint)].Clear();
        Advance(sizeof(uint));
        return at;
    }

    /// <summary>Writes the length of what follows the four bytes at <paramref name="at"/> into them.</summary>
    public void Patch(int at) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at), (uint)(Length - at - sizeof(uint)));

    /// <summary>Ends the frame that began at <paramref name="at"/>.</summary>
    public void End(int at) => Patch(at);

    /// <summary>Takes back everything from <paramref name="at"/> on.</summary>
    public void Truncate(int at) => Length = at;

    /// <summary>Empties it, and gives large memory back.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > 16 * SmallBuffer)
        {
            _bytes = new byte[SmallBuffer];
        }
    }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Grow(int sizeHint)
    {
        var wanted = Length + Math.Max(sizeHint, 256);
        if (wanted > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(wanted, _bytes.Length * 2));
        }
    }
}
