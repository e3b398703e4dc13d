using System.Diagnostics;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>The npm package server-everything over streamable HTTP: what an MCP server of the field answers to the same.</summary>
internal sealed class EverythingPeer(string node, string package, int port) : IDisposable
{
    // It logs each request: to /dev/null, where that costs it least.
    private readonly Process _process = Process.Start(new ProcessStartInfo(
        "/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", node, Path.Combine(package, "dist", "index.js"), "streamableHttp"])
    {
        Environment = { ["PORT"] = port.ToString() },
    })!;

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
