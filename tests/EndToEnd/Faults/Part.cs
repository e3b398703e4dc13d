using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>One process of an instance that runs in several: a gateway, a runtime, or both, with a data folder of its own.</summary>
internal sealed class Part(string role) : IAsyncDisposable
{
    private readonly int _port = Toolrt.FreePort();
    private Part? _server;
    private bool _isKilled;

    public string Data { get; } = Directory.CreateTempSubdirectory($"toolrt-{role}-").FullName;

    /// <summary>Its host.json, or null for that of this checkout.</summary>
    public string? Configuration { get; init; }

    public Uri Url => new($"http://127.0.0.1:{_port}");

    /// <summary>The message server that it supervises, also while it is away itself.</summary>
    public string Nats { get; private set; } = "";

    public string NatsPasswordFile { get; private set; } = "";

    /// <summary>A process that supervises its own message server.</summary>
    public static Task<Part> StartAsync(string role) => new Part(role).UpAsync();

    /// <summary>A process that joins the message server of another.</summary>
    public static Task<Part> JoinAsync(string role, Part server, string? configuration = null) => new Part(role) { _server = server, Configuration = configuration }.UpAsync();

    /// <summary>Starts it, the first time or after a kill, at the same port.</summary>
    public async Task<Part> UpAsync()
    {
        var result = await TryUpAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
        return this;
    }

    /// <summary>Starts it as whatever supervises it would: again where it refuses to start, since what it needs may be away too.</summary>
    public async Task UpAgainAsync()
    {
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        while (await TryUpAsync() is { ExitCode: not 0 } refused)
        {
            Assert.False(deadline.IsCancellationRequested, refused.ToString());
        }
    }

    private async Task<CommandResult> TryUpAsync()
    {
        string[] up = ["up", "--detach", "--role", role, "--port", _port.ToString(CultureInfo.InvariantCulture), .. Configuration is { } file ? ["--config", file] : Array.Empty<string>()];
        var result = _server is null
            ? await Toolrt.RunAsync(Data, up)
            : await Toolrt.RunAsync(Data, new Dictionary<string, string>(StringComparer.Ordinal) { ["TOOLRT_NATS_PASSWORD_FILE"] = _server.NatsPasswordFile }, [.. up, "--nats", _server.Nats]);
        if (result.ExitCode == 0)
        {
            _isKilled = false;
            (Nats, NatsPasswordFile) = (Announced("nats"), Announced("natsPasswordFile"));
        }

        return result;
    }

    /// <summary>Kills it as <c>kill -9</c> does, and returns once it is gone.</summary>
    public async Task KillAsync()
    {
        _isKilled = true;
        await KillAsync(ProcessId);
    }

    public int ProcessId => int.Parse(Announced("pid"), CultureInfo.InvariantCulture);

    /// <summary>Process of the message server that it supervises.</summary>
    public int NatsProcessId => int.Parse(File.ReadAllText(Path.Combine(Data, "nats", "process")).Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Kills the message server that it supervises.</summary>
    public Task KillNatsAsync() => KillAsync(NatsProcessId);

    /// <summary>Stops a process as <c>kill -STOP</c> does for a while: it holds all that it has, and answers nobody.</summary>
    public static async Task PauseAsync(int pid, TimeSpan time)
    {
        await SignalAsync(pid, "-STOP");
        await Task.Delay(time);
        await SignalAsync(pid, "-CONT");
    }

    /// <summary>Deploys a folder of one file and its manifest.</summary>
    public async Task DeployAsync(string name, string code, string manifest, string extension = ".py")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Data, "files", name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, name + extension), code);
        await File.WriteAllTextAsync(Path.Combine(folder, "toolruntime.json"), manifest);
        var result = await Toolrt.RunAsync(Data, "deploy", folder);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    /// <summary>Ends it. One that was killed is started once more, since the next start is what cleans up after a kill.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isKilled)
        {
            await UpAsync();
        }

        var down = await Toolrt.RunAsync(Data, "down");
        var left = File.ReadLines("/proc/self/mountinfo").Where(l => l.Contains(Data, StringComparison.Ordinal)).ToList();
        Assert.True(down.ExitCode == 0 && left.Count == 0, $"{role}: {down}\nleft: {string.Join('\n', left)}\n--- log\n{await File.ReadAllTextAsync(Path.Combine(Data, "toolrt.log"))}");
        Directory.Delete(Data, recursive: true);
    }

    private static async Task KillAsync(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        await process.WaitForExitAsync(deadline.Token);
    }

    private static async Task SignalAsync(int pid, string signal)
    {
        using var kill = Process.Start("kill", [signal, pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private string Announced(string member)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "instance.json")));
        return file.RootElement.GetProperty(member).ToString();
    }
}
