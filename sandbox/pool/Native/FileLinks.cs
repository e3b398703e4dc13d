using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Native;

/// <summary>Further names of a file.</summary>
internal static class FileLinks
{
    /// <summary>Gives the file <paramref name="source"/> the further name <paramref name="target"/>; false where that lies on another file system.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be done, for another reason.</exception>
    public static bool TryLink(string source, string target)
    {
        if (Libc.Link(source, target) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            Libc.ErrorOtherFileSystem => false,
            Libc.ErrorNoEntry => throw new FileNotFoundException($"there is no {source}", source),
            var error => throw new IOException($"cannot link {source} to {target}: {new Win32Exception(error).Message}"),
        };
    }

    /// <summary>How many names a file has.</summary>
    /// <exception cref="IOException">There is no such file.</exception>
    public static unsafe uint Count(string path)
    {
        // struct statx, the same on every processor: 256 bytes, the number of links at 16.
        var status = stackalloc byte[256];
        return Libc.Status(Libc.CurrentFolder, path, 0, Libc.StatusLinks, status) == 0
            ? *(uint*)(status + 16)
            : throw new IOException($"cannot look at {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }
}
