using System.Buffers.Binary;
using System.Text;

namespace ToolRuntime.Sandbox.Agent.Watching;

/// <summary>struct inotify_event.</summary>
internal readonly record struct WatchEvent(int Watch, uint Mask, string Name)
{
    internal const uint Modified = 0x2;
    internal const uint Attributes = 0x4;
    internal const uint MovedFrom = 0x40;
    internal const uint MovedTo = 0x80;
    internal const uint Created = 0x100;
    internal const uint Deleted = 0x200;
    internal const uint Overflow = 0x4000;
    internal const uint Ignored = 0x8000;
    internal const uint OfFolder = 0x40000000;

    private const int HeaderSize = 16;

    internal bool Is(uint mask) => (Mask & mask) != 0;

    /// <summary>Cuts what one read gave; the kernel gives whole events.</summary>
    internal static IReadOnlyList<WatchEvent> Read(ReadOnlySpan<byte> bytes)
    {
        var events = new List<WatchEvent>();
        while (bytes.Length >= HeaderSize)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
            if (length > bytes.Length - HeaderSize)
            {
                break;
            }

            var name = bytes.Slice(HeaderSize, (int)length);
            var end = name.IndexOf((byte)0);
            events.Add(new WatchEvent(
                BinaryPrimitives.ReadInt32LittleEndian(bytes),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
                Encoding.UTF8.GetString(end < 0 ? name : name[..end])));
            bytes = bytes[(HeaderSize + (int)length)..];
        }

        return events;
    }
}
