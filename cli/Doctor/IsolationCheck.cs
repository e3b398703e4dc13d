using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Cli.Output;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Checks;
using ToolRuntime.Sandbox.Isolation;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Cli.Doctor;

/// <summary>Runs the isolation suite on every backend that this machine has, in sandboxes of its own.</summary>
internal static class IsolationCheck
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(10);

    /// <summary>A finding for each probe of each image.</summary>
    /// <param name="options">Where sandboxes of the check run.</param>
    /// <param name="images">Images, those of a Docker Engine with their prefix.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<SandboxCheck>> RunAsync(SandboxOptions options, IReadOnlyList<string> images, CancellationToken cancellationToken)
    {
        var steps = new Steps();
        var checks = new List<SandboxCheck>();
        await steps.RunAsync(async () =>
        {
            var layers = new LayerCache(Path.Combine(options.CacheFolder, "layers"), static (_, _, _, _) => ValueTask.FromResult(false), TimeProvider.System);
            await using var pools = await WarmPools.StartAsync(options, layers, NullLoggerFactory.Instance, TimeProvider.System, steps, cancellationToken);
            foreach (var image in images)
            {
                ((IProgress<string>)steps).Report($"trying to get out of a sandbox of {image}");
                var suite = new IsolationSuite((volumes, token) => LeaseAsync(pools, image, volumes, token));
                checks.AddRange((await suite.RunAsync(cancellationToken)).Select(finding => Of(image, finding)));
            }
        });
        return checks;
    }

    private static async ValueTask<ISandboxLease> LeaseAsync(WarmPools pools, string image, IReadOnlyList<VolumeBinding> volumes, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_lease);
        return await pools.LeaseAsync(new LeaseRequest(new PoolKind(image, FunctionLanguage.Sandbox), "isolation", new FunctionLimits(), []) { Volumes = volumes }, waiting: null, deadline.Token);
    }

    private static SandboxCheck Of(string image, IsolationFinding finding) => finding.Holds
        ? new SandboxCheck($"{image}: {finding.Probe}", CheckOutcome.Ok, "nothing got out")
        : new SandboxCheck($"{image}: {finding.Probe}", CheckOutcome.Failed, string.Join("; ", finding.Breaches), "do not run code of others here; report it with the release of the backend");
}
