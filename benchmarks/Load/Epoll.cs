using System.Runtime.InteropServices;

namespace ToolRuntime.Benchmarks.Load;

/// <summary>Which of many sockets can be read: the cheapest way there is, so that the load takes as little of the machine as can be.</summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    private const int Add = 1;
    private const uint Readable = 1;
    private readonly int _descriptor = epoll_create1(0);
    private readonly EpollEvent[] _ready = new EpollEvent[256];

    /// <summary>Watches a descriptor; <see cref="Wait"/> gives <paramref name="index"/> when it can be read.</summary>
    public void Watch(nint descriptor, int index)
    {
        var watched = new EpollEvent { Events = Readable, Data = (ulong)index };
        if (epoll_ctl(_descriptor, Add, (int)descriptor, &watched) != 0)
        {
            throw new InvalidOperationException($"epoll_ctl: error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>Fills <paramref name="ready"/> with the indices that can be read and gives their number; 0 after the time is over.</summary>
    public int Wait(Span<int> ready, int milliseconds)
    {
        fixed (EpollEvent* events = _ready)
        {
            var count = Math.Max(0, epoll_wait(_descriptor, events, Math.Min(ready.Length, _ready.Length), milliseconds));
            for (var i = 0; i < count; i++)
            {
                ready[i] = (int)events[i].Data;
            }

            return count;
        }
    }

    public void Dispose() => _ = close(_descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, EpollEvent* watched);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, EpollEvent* events, int most, int milliseconds);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct EpollEvent
    {
        public uint Events;
        public ulong Data;
    }
}
