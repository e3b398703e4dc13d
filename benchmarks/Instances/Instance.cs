using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

using ToolRuntime.Benchmarks.Machine;

namespace ToolRuntime.Benchmarks.Instances;

/// <summary>One instance of the product, started as a user starts it (<c>./toolrt up --detach</c>) on a fresh data folder, with the default configuration.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private static readonly string s_launcher = Path.Combine(Checkout.Root, "toolrt");

    private readonly string[] _options;

    private Instance(string folder, int port, string[] options)
    {
        _options = options;
        DataFolder = folder;
        Port = port;
        Admin = new AdminApi(port, folder);
        Mcp = new McpCaller(port);
    }

    /// <summary>Its data folder.</summary>
    public string DataFolder { get; }

    /// <summary>Its loopback port.</summary>
    public int Port { get; }

    /// <summary>Its management API.</summary>
    public AdminApi Admin { get; }

    /// <summary>Its MCP endpoint, for single calls.</summary>
    public McpCaller Mcp { get; }

    /// <summary>Its process.</summary>
    public int ProcessId
    {
        get
        {
            using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(DataFolder, "instance.json")));
            return file.RootElement.GetProperty("pid").GetInt32();
        }
    }

    /// <summary>Starts one, with further <paramref name="options"/> of <c>up</c>, and waits until it is ready.</summary>
    public static async Task<Instance> StartAsync(params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-bench-").FullName;
        var instance = new Instance(folder, FreePort(), options);
        await instance.UpAsync();
        return instance;
    }

    /// <summary>Starts it again after <see cref="DownAsync"/>.</summary>
    public Task UpAsync() => RunAsync(["up", "--detach", "--port", Port.ToString(), "--data", DataFolder, .. _options]);

    /// <summary>Ends it; its data stays.</summary>
    public Task DownAsync() => RunAsync("down", "--data", DataFolder);

    /// <summary>What it holds of the machine now.</summary>
    public Footprint Footprint() => Machine.Footprint.Of(ProcessId, DataFolder);

    /// <summary>Most resident memory of the toolrt process since <see cref="ForgetPeak"/>, MiB.</summary>
    public double PeakMiB => double.Parse(File.ReadLines($"/proc/{ProcessId}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;

    /// <summary>Lets the kernel begin anew with what is most.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{ProcessId}/clear_refs", "5");

    /// <summary>The number of messages that its queue ever took.</summary>
    public Task<long> QueuedAsync() => StreamCount.LastSequenceAsync(DataFolder);

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        Mcp.Dispose();
        try
        {
            await DownAsync();
            Directory.Delete(DataFolder, recursive: true);
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // What broke the benchmark must not be hidden by what then cannot be tidied up.
            await Console.Error.WriteLineAsync($"  {DataFolder} is left: {error.Message}");
        }
    }

    /// <summary>A loopback port that nobody uses now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task RunAsync(params string[] arguments)
    {
        // Its output goes to a file: the detached child would hold a pipe open.
        var log = Path.GetTempFileName();
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1 </dev/null", log, s_launcher, .. arguments]))!;
        await process.WaitForExitAsync();
        var output = await File.ReadAllTextAsync(log);
        File.Delete(log);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"toolrt {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
        }
    }
}
