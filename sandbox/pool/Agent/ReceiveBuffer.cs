namespace ToolRuntime.Sandbox.Agent;

/// <summary>What has come on a stream and was not read: a ring that grows with need up to the stream's window.</summary>
internal sealed class ReceiveBuffer
{
    private const int Smallest = 4096;
    private const int LargestKept = 256 * 1024;
    private byte[] _ring = [];
    private int _start;

    internal int Count { get; private set; }

    internal void Write(ReadOnlySpan<byte> data)
    {
        if (Count + data.Length > _ring.Length)
        {
            var larger = new byte[Math.Max(Smallest, Math.Max(_ring.Length * 2, Count + data.Length))];
            var count = Read(larger, keepCount: true);
            (_ring, _start, Count) = (larger, 0, count);
        }

        var end = (_start + Count) % Math.Max(1, _ring.Length);
        var first = Math.Min(data.Length, _ring.Length - end);
        data[..first].CopyTo(_ring.AsSpan(end));
        data[first..].CopyTo(_ring);
        Count += data.Length;
    }

    internal int Read(Span<byte> destination) => Read(destination, keepCount: false);

    private int Read(Span<byte> destination, bool keepCount)
    {
        var count = Math.Min(destination.Length, Count);
        var first = Math.Min(count, _ring.Length - _start);
        _ring.AsSpan(_start, first).CopyTo(destination);
        _ring.AsSpan(0, count - first).CopyTo(destination[first..]);
        if (!keepCount)
        {
            Count -= count;
            _start = Count == 0 ? 0 : (_start + count) % _ring.Length;
            _ring = Count == 0 && _ring.Length > LargestKept ? [] : _ring;
        }

        return count;
    }
}
