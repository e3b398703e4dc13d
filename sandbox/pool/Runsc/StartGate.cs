using System.ComponentModel;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>
/// Holds runsc back until its process is in the sandbox's control groups. It is a named pipe in the place of runsc's log, which runsc opens
/// before all else and which cannot be opened while nobody reads it. So the kernel's 15 ms of moving a process pass while runsc's own start does.
/// </summary>
internal sealed class StartGate : IDisposable
{
    private const uint OwnerOnly = 0b110_000_000;
    private SafeFileHandle? _reader;

    /// <summary>A closed gate at <paramref name="path"/>, whose folder is there.</summary>
    /// <exception cref="IOException">The pipe cannot be made.</exception>
    public StartGate(string path)
    {
        Path = path;
        if (Libc.MakeNamedPipe(path, OwnerOnly) != 0)
        {
            throw new IOException($"cannot make {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    /// <summary>What runsc is given as its log.</summary>
    public string Path { get; }

    /// <summary>Lets it go. For reading and writing, which never waits for the other side.</summary>
    public void Open() => _reader = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    /// <summary>For when runsc has started: the sandbox keeps its end, and nothing more is written there.</summary>
    public void Dispose() => _reader?.Dispose();
}
