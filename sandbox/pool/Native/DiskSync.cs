using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Native;

/// <summary>Writes what is in memory through to the disk.</summary>
internal static class DiskSync
{
    /// <summary>The content of a file.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static void File(string path)
    {
        using var file = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>The names in a folder.</summary>
    /// <exception cref="IOException">The disk does not take them.</exception>
    public static void Folder(string path)
    {
        var descriptor = Libc.Open(path, Libc.OpenCloseOnExec, 0);
        var failed = descriptor < 0 || Libc.Sync(descriptor) < 0;
        var error = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
        {
            _ = Libc.Close(descriptor);
        }

        if (failed)
        {
            throw new IOException($"cannot write {path} through: {new Win32Exception(error).Message}");
        }
    }
}
