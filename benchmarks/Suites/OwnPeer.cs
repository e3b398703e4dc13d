using System.Diagnostics;

using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>A peer of ours in a process of its own: this program, told to be one.</summary>
internal sealed class OwnPeer : IDisposable
{
    private readonly Process _process;

    private OwnPeer(Process process) => _process = process;

    /// <summary>Starts it on a free port of loopback and waits until it listens there.</summary>
    public static OwnPeer Start(string kind, out int port, params string[] more)
    {
        port = Instance.FreePort();
        var started = new OwnPeer(Process.Start(Self.Start(["peer", kind, port.ToString(), .. more]))!);
        FieldServer.WaitForPort(port);
        return started;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
