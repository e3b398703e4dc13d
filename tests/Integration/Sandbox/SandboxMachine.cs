using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Tests.Integration.Agent;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Pools on this machine, each with a work folder of its own; runsc, images and the agent come from the shared cache.</summary>
internal sealed class SandboxMachine : IAsyncDisposable
{
    /// <summary>The one deadline of these tests.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    public static readonly PoolKind Python = new("base", FunctionLanguage.Python);

    /// <summary>A sandbox without a worker: boots without an interpreter.</summary>
    public static readonly PoolKind Bare = new("base", FunctionLanguage.Mcp);

    private SandboxMachine(SandboxOptions options, WarmPools pools, string folder)
    {
        Options = options;
        Pools = pools;
        Folder = folder;
    }

    public SandboxOptions Options { get; }

    public WarmPools Pools { get; }

    public string Folder { get; }

    public string LayerFolder => Path.Combine(Folder, "tars");

    public static SandboxOptions OptionsIn(string folder) => new()
    {
        WorkFolder = Path.Combine(folder, "work"),
        CacheFolder = PublishedAgent.CacheFolder,
        AgentPath = PublishedAgent.Path,
        SdkFolder = Path.Combine(PublishedAgent.TreeTop(), "functions", "sdk"),
        KernelFolder = Path.Combine(PublishedAgent.TreeTop(), "sandbox", "kernels"),
        RecipeFolder = Path.Combine(PublishedAgent.TreeTop(), "sandbox", "images"),
        WarmTarget = 0,
    };

    public static async Task<SandboxMachine> StartAsync(Func<SandboxOptions, SandboxOptions>? change, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-pool-").FullName;
        var options = OptionsIn(folder);
        options = change is null ? options : change(options);
        var layers = new LayerCache(Path.Combine(folder, "layers"), async (_, layer, destination, token) =>
        {
            var tar = Path.Combine(folder, "tars", layer.Digest);
            if (!File.Exists(tar))
            {
                return false;
            }

            await using var source = File.OpenRead(tar);
            await source.CopyToAsync(destination, token);
            return true;
        }, TimeProvider.System);
        var pools = await WarmPools.StartAsync(options, layers, NullLoggerFactory.Instance, TimeProvider.System, new Progress<string>(), cancellationToken);
        return new SandboxMachine(options, pools, folder);
    }

    public static CancellationTokenSource Deadline() =>
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(Timeout).Token);

    public ValueTask<ISandboxLease> LeaseAsync(PoolKind kind, CancellationToken cancellationToken, params LayerReference[] layers) =>
        Pools.LeaseAsync(new LeaseRequest(kind, "local", new FunctionLimits(), layers), null, cancellationToken);

    /// <summary>Waits until <paramref name="count"/> of a kind stand warm: there is no signal for it on the public surface.</summary>
    public async Task UntilWarmAsync(PoolKind kind, int count, CancellationToken cancellationToken)
    {
        while (Pools.WarmCount(kind) != count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }
    }

    /// <summary>A layer of one file.</summary>
    public LayerReference Layer(LayerKind kind, string name, string text) => Tars.Write(LayerFolder, kind, name, text);

    public async ValueTask DisposeAsync()
    {
        await Pools.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Runs a program in the sandbox; its output, both streams together.</summary>
    public static async Task<(int Code, string Output)> RunAsync(ISandboxLease lease, CancellationToken cancellationToken, params string[] arguments) =>
        await RunAsync(lease, new ProcessSpec { Arguments = arguments }, cancellationToken);

    public static async Task<(int Code, string Output)> RunAsync(ISandboxLease lease, ProcessSpec spec, CancellationToken cancellationToken)
    {
        await using var process = await lease.Agent.SpawnAsync(spec, cancellationToken);
        var output = new StringBuilder();
        while (await process.ReadAsync(cancellationToken) is { } piece)
        {
            output.Append(Encoding.UTF8.GetString(piece.Data.Span));
        }

        return (process.Exit!.Value.ExitCode, output.ToString());
    }
}
