using System.Buffers.Binary;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>Worker frames (docs/PROTOCOL.md section 2) on a pair of pipes, one at a time, on the caller's thread.</summary>
internal sealed class FramePipe(Stream fromWorker, Stream toWorker)
{
    private const int Header = 9;
    private byte[] _buffer = new byte[64 * 1024];

    /// <summary>Writes one frame and reads the next one.</summary>
    public (byte Type, ReadOnlyMemory<byte> Payload) Ask(byte type, uint call, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[Header + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - 4);
        frame[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(5), call);
        payload.CopyTo(frame.AsSpan(Header));
        toWorker.Write(frame);
        toWorker.Flush();
        return Read();
    }

    /// <summary>Reads one frame; its payload is valid until the next.</summary>
    public (byte Type, ReadOnlyMemory<byte> Payload) Read()
    {
        var have = fromWorker.ReadAtLeast(_buffer, Header);
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer) + 4;
        if (length > _buffer.Length)
        {
            Array.Resize(ref _buffer, length);
        }

        fromWorker.ReadExactly(_buffer, have, length - have);
        return (_buffer[4], _buffer.AsMemory(Header, length - Header));
    }
}
