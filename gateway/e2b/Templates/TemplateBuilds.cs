using System.Collections.Concurrent;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Templates;

/// <summary>
/// Builds of templates: a sandbox of the base, the steps in it, then a snapshot of it under the template's name and the build's id. Builds that
/// go on, and logs, are this gateway's alone; templates are everybody's, and outlive it.
/// </summary>
public sealed partial class TemplateBuilds(SandboxClient client, SandboxUsers users, TemplateFiles files, E2bOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<TemplateBuilds> logger) : IDisposable
{
    private const int MostAtOnce = 4;
    private const int MostKept = 256;
    private const int LifetimeSeconds = 3 * 3600;
    private static readonly TimeSpan s_ready = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_readyAgain = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<string, TemplateBuild> _builds = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turns = new(MostAtOnce);

    /// <summary>Makes room for a build that is to come.</summary>
    internal TemplateBuild Ask(string tenant, string name, IReadOnlyList<string> tags, int cpuMillis, int memoryMiB)
    {
        foreach (var old in _builds.Values.Where(b => b.Status is "ready" or "error" or "waiting").OrderBy(b => b.Begun).Take(_builds.Count - MostKept + 1))
        {
            _builds.TryRemove(old.Id, out _);
        }

        var build = new TemplateBuild(tenant, Ids.New(), name, tags) { CpuMillis = cpuMillis, MemoryMiB = memoryMiB, Begun = time.GetUtcNow() };
        return _builds[build.Id] = build;
    }

    /// <summary>A tenant's build, or null.</summary>
    internal TemplateBuild? Find(string tenant, string id) => _builds.GetValueOrDefault(id) is { } build && build.Tenant == tenant ? build : null;

    /// <summary>Starts a build.</summary>
    /// <exception cref="FunctionFaultException">SandboxConflict: it was started already.</exception>
    internal void Start(TemplateBuild build, BuildBody body)
    {
        if (!build.Start())
        {
            throw new FunctionFaultException(FaultCode.SandboxConflict, $"build {build.Id} was started already");
        }

        _ = RunAsync(build, body, lifetime.ApplicationStopping);
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task RunAsync(TemplateBuild build, BuildBody body, CancellationToken cancellationToken)
    {
        try
        {
            await _turns.WaitAsync(cancellationToken);
            try
            {
                await BuildAsync(build, body, cancellationToken);
                build.Log(time.GetUtcNow(), "info", "Build finished");
                build.End(null);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (Exception error)
        {
            // The rim of a build: whatever ended it is told to who asked for it.
            var reason = error switch
            {
                TemplateFailedException or AgentException => error.Message,
                FunctionFaultException fault => fault.Fault.Hint is { } hint ? $"{fault.Fault.Message} ({hint})" : fault.Fault.Message,
                OperationCanceledException => "the gateway stopped",
                _ => "a bug of ours; the gateway's log says more",
            };
            build.Log(time.GetUtcNow(), "error", reason);
            build.End(reason);
            LogFailed(logger, build.Id, build.Name, error);
        }
    }

    private async Task BuildAsync(TemplateBuild build, BuildBody body, CancellationToken cancellationToken)
    {
        var steps = body.Steps ?? [];
        var source = SourceOf(body);
        var settings = client.Directory.FindSnapshot(build.Tenant, source)?.Settings ?? new SandboxSettings();
        var (user, folder) = BuildSteps.PlaceAfter(steps, settings.User, settings.Folder);
        build.Log(time.GetUtcNow(), "info", $"[base] FROM {body.FromTemplate ?? body.FromImage ?? "base"}");
        var sandbox = await client.CreateAsync(
            new SandboxCreate
            {
                Tenant = build.Tenant,
                Id = Ids.New(),
                Template = source,
                Source = source,
                TimeoutSeconds = LifetimeSeconds,
                Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["template"] = build.Name, ["build"] = build.Id },
                Settings = new SandboxSettings { User = user, Folder = folder, MemoryMiB = build.MemoryMiB, CpuMillis = build.CpuMillis, Packages = true },
            },
            cancellationToken);
        try
        {
            var shell = new BuildShell(client, users, sandbox, (isError, text) => build.Log(time.GetUtcNow(), isError ? "warn" : "info", text));
            await StepsAsync(build, steps, shell, settings, cancellationToken);
            build.Step = "finalize";
            await FinishAsync(build, body, shell, (user ?? SandboxUsers.Default, folder), cancellationToken);
            var command = SandboxClient.Command(SandboxOperation.Snapshot) with { Name = build.Name, Tags = build.Tags, Snapshot = build.Id };
            await client.DoAsync(sandbox, command, cancellationToken);
            await ReplaceAsync(build, cancellationToken);
        }
        finally
        {
            await client.KillAsync(sandbox, CancellationToken.None);
        }
    }

    private async Task StepsAsync(TemplateBuild build, IReadOnlyList<BuildStep> steps, BuildShell shell, SandboxSettings from, CancellationToken cancellationToken)
    {
        var does = new BuildSteps(shell, files, build.Tenant);
        does.Begin(from.User, from.Folder);
        for (var at = 0; at < steps.Count; at++)
        {
            build.Step = $"{at + 1}";
            build.Log(time.GetUtcNow(), "info", $"[builder {at + 1}/{steps.Count}] {steps[at].Type} {string.Join(' ', steps[at].Args ?? [])}");
            try
            {
                await does.RunAsync(steps[at], cancellationToken);
            }
            catch (TemplateFailedException error)
            {
                throw new TemplateFailedException($"failed to run command '{steps[at].Shown}': {error.Message}");
            }
        }
    }

    /// <summary>Starts what is to run in every sandbox of the template, and waits until it is ready.</summary>
    private async Task FinishAsync(TemplateBuild build, BuildBody body, BuildShell shell, (string User, string? Folder) place, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(s_ready, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await using var started = body.StartCmd is { Length: > 0 } start ? await StartAsync(build, start, shell, place, cancellationToken) : null;
        if (body.ReadyCmd is not { Length: > 0 } ready)
        {
            return;
        }

        build.Log(time.GetUtcNow(), "info", $"[finalize] ready? {ready}");
        var failing = started is null ? Task.FromResult<string?>(null) : FailureAsync(shell, started, ending);
        try
        {
            while (await shell.RunAsync(place.User, place.Folder, ["/bin/bash", "-l", "-c", ready], ending.Token) is not { ExitCode: 0, Signal: 0 })
            {
                await Task.Delay(s_readyAgain, time, ending.Token);
            }

            await ending.CancelAsync();
            await failing;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TemplateFailedException(await failing is { } failure ? $"the start command failed: {failure}" : $"it was not ready in {s_ready.TotalMinutes:0} minutes: {ready}");
        }
    }

    private async Task<AgentProcess> StartAsync(TemplateBuild build, string command, BuildShell shell, (string User, string? Folder) place, CancellationToken cancellationToken)
    {
        build.Log(time.GetUtcNow(), "info", $"[finalize] start {command}");
        return await shell.StartAsync(place.User, place.Folder, ["/bin/bash", "-l", "-c", command], cancellationToken);
    }

    /// <summary>How the start command failed; null where it goes on or ended well. A failure ends the waiting for what would never be ready.</summary>
    private static async Task<string?> FailureAsync(BuildShell shell, AgentProcess started, CancellationTokenSource ending)
    {
        try
        {
            var exit = await shell.FollowAsync(started, ending.Token);
            if (exit is { ExitCode: 0, Signal: 0 })
            {
                return null;
            }

            await ending.CancelAsync();
            return exit.Signal != 0 ? $"signal {exit.Signal}" : $"exit status {exit.ExitCode}";
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>What had the build's tags before has them no longer; what has no tag left goes.</summary>
    private async Task ReplaceAsync(TemplateBuild build, CancellationToken cancellationToken)
    {
        foreach (var old in client.Directory.SnapshotsOf(build.Tenant).Where(s => s.Name == build.Name && s.Id != build.Id && s.Tags.Intersect(build.Tags, StringComparer.Ordinal).Any()))
        {
            var left = old.Tags.Except(build.Tags, StringComparer.Ordinal).ToList();
            await (left.Count > 0 ? client.TagAsync(old, left, cancellationToken) : client.RemoveAsync(old, cancellationToken));
        }
    }

    /// <summary>The image or snapshot that a build begins with. E2B's own images are ours of that name; all others are a Docker Engine's.</summary>
    private string SourceOf(BuildBody body)
    {
        if (body.FromTemplate is { Length: > 0 } template)
        {
            return options.SourceOf(template);
        }

        const string Own = "e2bdev/";
        var image = body.FromImage is { Length: > 0 } named ? named : Own + "base";
        return image.StartsWith(Own, StringComparison.Ordinal) ? options.SourceOf(image[Own.Length..].Split(':')[0] is "code-interpreter" ? "code-interpreter-v1" : "base") : $"docker:{image}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "build {Build} of template {Template} failed")]
    private static partial void LogFailed(ILogger logger, string build, string template, Exception error);
}
