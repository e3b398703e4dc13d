using System.Runtime.InteropServices;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>What .NET has no word for: pipes in place of the descriptors 1 and 2.</summary>
internal static unsafe partial class Descriptors
{
    /// <summary>There is something to read, in poll.</summary>
    public const short Readable = 1;

    private const int CloseOnExec = 0x80000;
    private const int DuplicateClosedOnExec = 1030;
    private const int SetFlags = 4;
    private const int SetPipeSize = 1031;
    private const int NonBlocking = 0x800;
    private const int FirstDescriptor = 64;
    private const int PipeSize = 1 << 20;

    /// <summary>Puts a pipe in place of <paramref name="descriptor"/>; its end for reading, which does not block.</summary>
    public static int Replace(int descriptor)
    {
        var ends = stackalloc int[2];
        Check(Pipe(ends, CloseOnExec));
        Check(Duplicate(ends[1], descriptor));
        _ = CloseDescriptor(ends[1]);
        Check(Control(ends[0], SetFlags, NonBlocking));
        _ = Control(ends[0], SetPipeSize, PipeSize);
        return ends[0];
    }

    /// <summary>Another descriptor for the same file, well above the usual ones and closed on exec.</summary>
    public static int Duplicate(int descriptor) => Check(Control(descriptor, DuplicateClosedOnExec, FirstDescriptor));

    /// <summary>Closes.</summary>
    public static void Close(int descriptor) => _ = CloseDescriptor(descriptor);

    /// <summary>Bytes read, 0 where there is nothing now.</summary>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)Math.Max(0, ReadDescriptor(descriptor, start, (nuint)buffer.Length));
        }
    }

    /// <summary>Waits until one of two can be read; <paramref name="milliseconds"/> below 0 wait for ever.</summary>
    public static (bool First, bool Second) Wait(int first, int second, int milliseconds)
    {
        var waiting = stackalloc PollEntry[2];
        waiting[0] = new PollEntry { Descriptor = first, Events = Readable };
        waiting[1] = new PollEntry { Descriptor = second, Events = Readable };
        return Poll(waiting, 2, milliseconds) > 0 ? (waiting[0].Happened != 0, waiting[1].Happened != 0) : (false, false);
    }

    private static int Check(int result) => result >= 0 ? result : throw new IOException($"errno {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(int source, int target);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadDescriptor(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
