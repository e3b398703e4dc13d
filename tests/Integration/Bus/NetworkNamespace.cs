using System.Diagnostics;
using System.Globalization;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>A message server behind a real network interface: in a network namespace of its own, at the other end of one pair of interfaces for each link. Needs root.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private const int Port = 4222;
    private const string Nowhere = "02:00:00:00:00:99";
    private static readonly int s_network = Random.Shared.Next(1, 250);
    private readonly string _name = $"toolrt-{Ids.New()[..6]}";
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-netns-").FullName;
    private readonly string _end = Ids.New()[..6];
    private Process? _server;

    /// <summary>Why there can be none here, or null.</summary>
    public static string? Missing()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "network namespaces need root";
        }

        var probe = $"toolrt-{Ids.New()[..6]}";
        var (made, said) = Run("ip", "netns", "add", probe);
        if (made)
        {
            (made, said) = Run("ip", "link", "add", probe[^6..], "type", "veth", "peer", "name", $"{probe[^6..]}x");
            Run("ip", "link", "del", probe[^6..]);
            Run("ip", "netns", "del", probe);
        }

        return made ? null : $"network namespaces are not permitted: {said.Trim()}";
    }

    public static async Task<NetworkNamespace> StartAsync(int links)
    {
        var made = new NetworkNamespace();
        Do("ip", "netns", "add", made._name);
        for (var link = 0; link < links; link++)
        {
            Do("ip", "link", "add", made.Here(link), "type", "veth", "peer", "name", made.There(link), "netns", made._name);
            Do("ip", "addr", "add", $"{Address(link, 1)}/30", "dev", made.Here(link));
            Do("ip", "link", "set", made.Here(link), "up");
            made.DoThere("ip", "addr", "add", $"{Address(link, 2)}/30", "dev", made.There(link));
            made.DoThere("ip", "link", "set", made.There(link), "up");
        }

        await File.WriteAllTextAsync(Path.Combine(made._folder, "nats.conf"), $"listen: 0.0.0.0:{Port}\njetstream {{ store_dir: \"{made._folder}/store\", max_file_store: 2GB }}\nlog_file: \"{made._folder}/nats.log\"\n");
        made._server = Process.Start(new ProcessStartInfo("ip") { ArgumentList = { "netns", "exec", made._name, "nats-server", "-c", Path.Combine(made._folder, "nats.conf") } })!;
        return made;
    }

    /// <summary>The server's address over a link.</summary>
    public static string Server(int link) => $"nats://{Address(link, 2)}:{Port}";

    /// <summary>Cuts a link: its far interface goes down, or one end sends its frames to nobody.</summary>
    public void Break(int link, Cut cut)
    {
        switch (cut)
        {
            case Cut.Both:
                DoThere("ip", "link", "set", There(link), "down");
                break;
            case Cut.ToServer:
                Do("ip", "neigh", "replace", Address(link, 2), "lladdr", Nowhere, "nud", "permanent", "dev", Here(link));
                break;
            default:
                DoThere("ip", "neigh", "replace", Address(link, 1), "lladdr", Nowhere, "nud", "permanent", "dev", There(link));
                break;
        }
    }

    /// <summary>The link is as before.</summary>
    public void Mend(int link, Cut cut)
    {
        switch (cut)
        {
            case Cut.Both:
                DoThere("ip", "link", "set", There(link), "up");
                break;
            case Cut.ToServer:
                Do("ip", "neigh", "del", Address(link, 2), "dev", Here(link));
                break;
            default:
                DoThere("ip", "neigh", "del", Address(link, 1), "dev", There(link));
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            server.Kill();
            await server.WaitForExitAsync(BusServer.Deadline());
            server.Dispose();
        }

        // The interfaces go with the namespace.
        Do("ip", "netns", "del", _name);
        Directory.Delete(_folder, recursive: true);
    }

    private static string Address(int link, int end) => string.Create(CultureInfo.InvariantCulture, $"10.231.{s_network}.{(link * 4) + end}");

    private string Here(int link) => $"t{_end}{link}";

    private string There(int link) => $"u{_end}{link}";

    private void DoThere(params string[] command) => Do("ip", ["netns", "exec", _name, .. command]);

    private static void Do(string program, params string[] arguments)
    {
        var (done, said) = Run(program, arguments);
        Assert.True(done, $"{program} {string.Join(' ', arguments)}: {said}");
    }

    private static (bool Done, string Said) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode == 0, said);
    }
}
