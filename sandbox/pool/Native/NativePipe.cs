using System.ComponentModel;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

namespace ToolRuntime.Sandbox.Native;

/// <summary>A pipe whose ends are closed in every process that is started, except where they are handed over on purpose.</summary>
internal sealed class NativePipe : IDisposable
{
    private const int SetSize = 1031;

    private NativePipe(SafeFileHandle reader, SafeFileHandle writer)
    {
        Reader = reader;
        Writer = writer;
    }

    /// <summary>The end to read from.</summary>
    public SafeFileHandle Reader { get; }

    /// <summary>The end to write to.</summary>
    public SafeFileHandle Writer { get; }

    /// <summary>Makes a pipe.</summary>
    public static unsafe NativePipe Create()
    {
        var ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.OpenCloseOnExec) != 0)
        {
            throw new IOException($"cannot make a pipe: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        return new NativePipe(new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>Lets the kernel hold so many bytes (64 KiB otherwise), so that both ends wake less often; fewer where it does not want to.</summary>
    public NativePipe Widen(int bytes)
    {
        _ = Libc.FileControl((int)Writer.DangerousGetHandle(), SetSize, bytes);
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reader.Dispose();
        Writer.Dispose();
    }
}
