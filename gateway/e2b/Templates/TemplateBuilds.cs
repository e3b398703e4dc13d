using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Templates;

/// <summary>
/// Builds of templates: a sandbox of the base, the steps in it, then a snapshot of it under the template's name and the build's id. What a build is to
/// become and what it says stand on a topic of its own, so that any gateway may be asked to start it, and how far it is; one gateway works on it.
/// </summary>
public sealed partial class TemplateBuilds(MessageBus bus, SandboxClient client, SandboxUsers users, TemplateFiles files, E2bOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<TemplateBuilds> logger) : IDisposable
{
    private const int MostAtOnce = 4;
    private const int LifetimeSeconds = 3 * 3600;
    private static readonly TimeSpan s_ready = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_readyAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _turns = new(MostAtOnce);

    /// <summary>Takes note of a build that is to come; gives its id.</summary>
    internal async Task<string> AskAsync(string tenant, BuildPlan plan, CancellationToken cancellationToken)
    {
        var id = BuildId.New();
        var topic = await bus.Topics.OpenWriterAsync(TemplateBuild.TopicOf(tenant, id), 1, cancellationToken);
        await topic.EmitAsync(TemplateBuild.Event(TemplateBuild.PlanKind, new BuildNote { Plan = plan }), cancellationToken);
        return id;
    }

    /// <summary>A tenant's build as it stands, or null.</summary>
    internal async Task<TemplateBuild?> FindAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        var key = TemplateBuild.TopicOf(tenant, id);
        if (!Ids.IsValid(id) || await bus.Topics.LastWithTimeAsync(key, cancellationToken) is not { } last)
        {
            return null;
        }

        await using var events = await bus.Topics.FollowFromAsync(key, 0, cancellationToken);
        TemplateBuild? build = null;
        while (await events.NextAsync(cancellationToken) is { } next)
        {
            if (build is not null)
            {
                build.Take(next.Event);
            }
            else if (next.Event.Kind == TemplateBuild.PlanKind)
            {
                build = new TemplateBuild(tenant, id, TemplateBuild.Read(next.Event).Plan!);
            }

            if (next.Sequence >= last.Event.Sequence)
            {
                break;
            }
        }

        if (build?.Status == "building" && time.GetUtcNow() - last.At > BuildLog.Silence)
        {
            build.Abandon("the gateway that worked on it is gone: build again");
        }

        return build;
    }

    /// <summary>Starts a build.</summary>
    /// <exception cref="FunctionFaultException">SandboxConflict: it was started already.</exception>
    internal async Task StartAsync(TemplateBuild build, BuildBody body, CancellationToken cancellationToken)
    {
        var topic = await bus.Topics.ReopenWriterAsync(TemplateBuild.TopicOf(build.Tenant, build.Id), 1, cancellationToken);
        try
        {
            if (topic.Last?.Event.Kind != TemplateBuild.PlanKind)
            {
                throw Started(build);
            }

            await topic.EmitAsync(TemplateBuild.Event(EventKind.Started, new BuildNote()), cancellationToken);
        }
        catch (FencedException)
        {
            throw Started(build);
        }

        _ = RunAsync(build, body, new BuildLog(topic, time, lifetime.ApplicationStopping), lifetime.ApplicationStopping);
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task RunAsync(TemplateBuild build, BuildBody body, BuildLog log, CancellationToken cancellationToken)
    {
        string? reason = null;
        try
        {
            await _turns.WaitAsync(cancellationToken);
            try
            {
                await BuildAsync(build, body, log, cancellationToken);
                log.Add("info", "Build finished");
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (Exception error)
        {
            // The rim of a build: whatever ended it is told to who asked for it.
            reason = error switch
            {
                TemplateFailedException or AgentException => error.Message,
                FunctionFaultException fault => fault.Fault.Hint is { } hint ? $"{fault.Fault.Message} ({hint})" : fault.Fault.Message,
                OperationCanceledException => "the gateway stopped",
                _ => "a bug of ours; the gateway's log says more",
            };
            log.Add("error", reason);
            LogFailed(logger, build.Id, build.Plan.Name, error);
        }

        await EndAsync(build, log, reason);
    }

    private async Task EndAsync(TemplateBuild build, BuildLog log, string? reason)
    {
        using var patience = new CancellationTokenSource(s_farewell, time);
        try
        {
            await log.EndAsync(reason, patience.Token);
        }
        catch (Exception error)
        {
            // The rim of a build's end: who asks finds that nobody says anything any more.
            LogFailed(logger, build.Id, build.Plan.Name, error);
        }
    }

    private async Task BuildAsync(TemplateBuild build, BuildBody body, BuildLog log, CancellationToken cancellationToken)
    {
        var steps = body.Steps ?? [];
        var source = SourceOf(body);
        var settings = client.Directory.FindSnapshot(build.Tenant, source)?.Settings ?? new SandboxSettings();
        var (user, folder) = BuildSteps.PlaceAfter(steps, settings.User, settings.Folder);
        log.Add("info", $"[base] FROM {body.FromTemplate ?? body.FromImage ?? "base"}");
        var sandbox = await client.CreateAsync(
            new SandboxCreate
            {
                Tenant = build.Tenant,
                Id = Ids.New(),
                Template = source,
                Source = source,
                TimeoutSeconds = LifetimeSeconds,
                Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["template"] = build.Plan.Name, ["build"] = build.Id },
                Settings = new SandboxSettings { User = user, Folder = folder, MemoryMiB = build.Plan.MemoryMiB, CpuMillis = build.Plan.CpuMillis, Packages = true },
            },
            cancellationToken);
        try
        {
            var shell = new BuildShell(client, users, sandbox, (isError, text) => log.Add(isError ? "warn" : "info", text));
            await StepsAsync(build, steps, (shell, log), settings, cancellationToken);
            log.Step = "finalize";
            await FinishAsync(body, shell, log, (user ?? SandboxUsers.Default, folder), cancellationToken);
            var command = SandboxClient.Command(SandboxOperation.Snapshot) with { Name = build.Plan.Name, Tags = build.Plan.Tags, Snapshot = build.Id };
            await client.DoAsync(sandbox, command, cancellationToken);
            await ReplaceAsync(build, cancellationToken);
        }
        catch (IOException broke)
        {
            throw new FunctionFaultException(await client.WhyLostAsync(sandbox, cancellationToken), broke);
        }
        finally
        {
            await client.LeaveAsync(sandbox);
        }
    }

    private async Task StepsAsync(TemplateBuild build, IReadOnlyList<BuildStep> steps, (BuildShell Shell, BuildLog Log) to, SandboxSettings from, CancellationToken cancellationToken)
    {
        var does = new BuildSteps(to.Shell, files, build.Tenant);
        does.Begin(from.User, from.Folder);
        for (var at = 0; at < steps.Count; at++)
        {
            to.Log.Step = $"{at + 1}";
            to.Log.Add("info", $"[builder {at + 1}/{steps.Count}] {steps[at].Type} {string.Join(' ', steps[at].Args ?? [])}");
            try
            {
                await does.RunAsync(steps[at], cancellationToken);
            }
            catch (Exception error) when (error is TemplateFailedException or AgentException)
            {
                throw new TemplateFailedException($"failed to run command '{steps[at].Shown}': {error.Message}");
            }
        }
    }

    /// <summary>Starts what is to run in every sandbox of the template, and waits until it is ready.</summary>
    private async Task FinishAsync(BuildBody body, BuildShell shell, BuildLog log, (string User, string? Folder) place, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(s_ready, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await using var started = body.StartCmd is { Length: > 0 } start ? await StartAsync(start, shell, log, place, cancellationToken) : null;
        if (body.ReadyCmd is not { Length: > 0 } ready)
        {
            return;
        }

        log.Add("info", $"[finalize] ready? {ready}");
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

    private static async Task<AgentProcess> StartAsync(string command, BuildShell shell, BuildLog log, (string User, string? Folder) place, CancellationToken cancellationToken)
    {
        log.Add("info", $"[finalize] start {command}");
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
        foreach (var old in client.Directory.SnapshotsOf(build.Tenant).Where(s => s.Name == build.Plan.Name && s.Id != build.Id && s.Tags.Intersect(build.Plan.Tags, StringComparer.Ordinal).Any()))
        {
            var left = old.Tags.Except(build.Plan.Tags, StringComparer.Ordinal).ToList();
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

    private static FunctionFaultException Started(TemplateBuild build) => new(FaultCode.SandboxConflict, $"build {build.Id} was started already");

    [LoggerMessage(Level = LogLevel.Warning, Message = "build {Build} of template {Template} failed")]
    private static partial void LogFailed(ILogger logger, string build, string template, Exception error);
}
