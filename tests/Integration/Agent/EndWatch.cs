using System.Diagnostics;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>A named pipe that processes hold open for writing; it ends when the last of them has ended.</summary>
internal sealed class EndWatch : IDisposable
{
    internal EndWatch()
    {
        Process.Start("mkfifo", ["-m", "666", Path]).WaitForExit();
        Ended = Task.Run(Read);
    }

    internal string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"toolrt-{Guid.NewGuid():N}");

    internal Task Ended { get; }

    public void Dispose() => File.Delete(Path);

    private void Read()
    {
        using var pipe = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        Assert.Equal(-1, pipe.ReadByte());
    }
}
