using System.Diagnostics;
using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Benchmarks.Instances;

/// <summary>Pools of sandboxes in this process, as the runtime has them, with nothing kept warm.</summary>
internal sealed class Sandboxes : IAsyncDisposable
{
    private const string SessionId = "session";
    private readonly string _folder;
    private readonly WarmPools _pools;

    private Sandboxes(string folder, WarmPools pools) => (_folder, _pools) = (folder, pools);

    /// <summary>Where checkpoints go.</summary>
    public string Checkpoint(string name) => Path.Combine(_folder, "work", "checkpoints", name);

    /// <summary>The folder whose name all their processes have in their arguments.</summary>
    public string WorkFolder => Path.Combine(_folder, "work");

    public static async Task<Sandboxes> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-bench-").FullName;
        var options = new SandboxOptions
        {
            WorkFolder = Path.Combine(folder, "work"),
            CacheFolder = Checkout.Cache,
            AgentPath = await AgentAsync(),
            SdkFolder = Path.Combine(Checkout.Root, "functions", "sdk"),
            KernelFolder = Path.Combine(Checkout.Root, "sandbox", "kernels"),
            RecipeFolder = Path.Combine(Checkout.Root, "sandbox", "images"),
            WarmTarget = 0,
            SnapshotLanguages = [],
        };
        var layers = new LayerCache(Path.Combine(folder, "layers"), (_, _, _, _) => ValueTask.FromResult(false), TimeProvider.System);
        return new Sandboxes(folder, await WarmPools.StartAsync(options, layers, NullLoggerFactory.Instance, TimeProvider.System, new Progress<string>(), CancellationToken.None));
    }

    /// <summary>A fresh sandbox of an image, without a worker.</summary>
    public async Task<ISandboxLease> LeaseAsync(string image) =>
        await _pools.LeaseAsync(new LeaseRequest(new PoolKind(image, FunctionLanguage.Mcp), "bench", s_limits, []), null, CancellationToken.None);

    /// <summary>One from a checkpoint.</summary>
    public async Task<ISandboxLease> RestoreAsync(string name) =>
        await _pools.RestoreAsync(Checkpoint(name), new RestoreRequest("bench", s_limits), CancellationToken.None);

    /// <summary>Starts a program that answers lines, and waits for its first answer.</summary>
    public static async Task StartSessionAsync(ISandboxLease lease, IReadOnlyList<string> command)
    {
        await using var session = await lease.Agent.SpawnAsync(new ProcessSpec { Id = SessionId, Arguments = command, StandardInput = true }, CancellationToken.None);
        await AskAsync(session);
    }

    /// <summary>Asks the session of a restored sandbox.</summary>
    public static async Task AskSessionAsync(ISandboxLease lease)
    {
        await using var session = await lease.Agent.AttachAsync(SessionId, CancellationToken.None);
        await AskAsync(session);
    }

    public async ValueTask DisposeAsync()
    {
        await _pools.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static readonly FunctionLimits s_limits = new() { MemoryMiB = 1024 };

    private static async Task AskAsync(AgentProcess session)
    {
        await session.WriteAsync("x\n"u8.ToArray(), CancellationToken.None);
        var answer = new StringBuilder();
        while (answer.Length == 0 || answer[^1] != '\n')
        {
            var piece = await session.ReadAsync(CancellationToken.None) ?? throw new InvalidDataException($"the session ended: {answer}");
            answer.Append(Encoding.UTF8.GetString(piece.Data.Span));
        }

        if (!answer.ToString().StartsWith("ok", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"the session did not answer: {answer}");
        }
    }

    private static async Task<string> AgentAsync()
    {
        if (Environment.GetEnvironmentVariable("TOOLRT_AGENT") is { Length: > 0 } given)
        {
            return given;
        }

        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Checkout.Root, "sandbox/agent/publish.sh"), [Checkout.Cache]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var path = (await script.StandardOutput.ReadToEndAsync()).Trim();
        await script.WaitForExitAsync();
        return script.ExitCode == 0 ? path : throw new InvalidOperationException("the agent could not be published");
    }
}
