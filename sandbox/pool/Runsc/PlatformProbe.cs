using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>Chooses gVisor's platform: the one that was named, else the better of systrap and ptrace by a trial on this machine, remembered by the build's digest. KVM is only taken by name: where it does not work it hangs.</summary>
internal static class PlatformProbe
{
    private const int Requests = 100;

    // Changes whenever the same trial would be judged otherwise.
    private const int TrialVersion = 3;

    // Taken in turns, and the best of each counts: a busy moment, and what the first boot reads from disk, must not choose.
    private const int Rounds = 3;
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(10);
    private static readonly string[] _known = ["systrap", "ptrace", "kvm"];
    private static readonly string[] _tried = ["systrap", "ptrace"];
    private static readonly string[] _rootFolders = ["proc", "sys", "dev", "tmp", "run", "home/user", "toolrt", "layers"];

    /// <summary>The platform to use.</summary>
    /// <exception cref="SandboxSetupException">An unknown name, or neither platform works.</exception>
    public static async ValueTask<string> ChooseAsync(SandboxOptions options, RunscBinary binary, IProgress<string> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Platform != "auto")
        {
            return _known.Contains(options.Platform)
                ? options.Platform
                : throw new SandboxSetupException($"'{options.Platform}' is no platform of gVisor", "set toolruntime.sandbox.platform to auto, systrap, ptrace or kvm");
        }

        var file = await CacheFileAsync(options, binary, cancellationToken);
        using var held = await CacheLock.TakeAsync(file + ".lock", time, cancellationToken);
        if (Remembered(file) is { } remembered)
        {
            return remembered.Platform;
        }

        var trials = new PlatformTrial?[_tried.Length];
        for (var i = 0; i < Rounds * _tried.Length; i++)
        {
            var platform = i % _tried.Length;
            if (trials[platform]?.Failure is null)
            {
                progress.Report($"trying gVisor's platform {_tried[platform]}");
                trials[platform] = PlatformTrial.Better(trials[platform], await TryAsync(options, binary, _tried[platform], time, cancellationToken));
            }
        }

        var choice = PlatformChoice.From(trials!) ?? throw new SandboxSetupException(
            $"gVisor runs on neither platform: {string.Join("; ", trials.Select(trial => $"{trial!.Platform}: {trial.Failure}"))}", "run toolrt doctor");
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(choice, PlatformJson.Default.PlatformChoice), cancellationToken);
        return choice.Platform;
    }

    private static async ValueTask<string> CacheFileAsync(SandboxOptions options, RunscBinary binary, CancellationToken cancellationToken)
    {
        var kernel = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellationToken)).Trim();
        var digest = await binary.DigestAsync(cancellationToken);
        return Path.Combine(options.CacheFolder, "platforms", $"{digest[..16]}-{kernel}-{TrialVersion}.json");
    }

    private static PlatformChoice? Remembered(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), PlatformJson.Default.PlatformChoice) : null;
        }
        catch (JsonException)
        {
            // Half written by a process that was killed: measured anew.
            return null;
        }
    }

    private static async ValueTask<PlatformTrial> TryAsync(SandboxOptions options, RunscBinary binary, string platform, TimeProvider time, CancellationToken cancellationToken)
    {
        var work = Path.Combine(options.WorkFolder, "trial");
        var root = Path.Combine(work, "rootfs");
        foreach (var folder in _rootFolders)
        {
            Directory.CreateDirectory(Path.Combine(root, folder));
        }

        var image = new SandboxImage(new ImageRecipe { Name = "trial" }, "", root);
        using var deadline = new CancellationTokenSource(_deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await using var backend = await RunscBackend.StartAsync(options with { WorkFolder = work }, binary, platform, NullLogger.Instance, time);
            return await MeasureAsync(backend, image, platform, time, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PlatformTrial(platform, 0, 0, $"no answer within {_deadline.TotalSeconds} s");
        }
        catch (FunctionFaultException error)
        {
            return new PlatformTrial(platform, 0, 0, error.Fault.Detail ?? error.Fault.Message);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or AgentException)
        {
            return new PlatformTrial(platform, 0, 0, error.Message);
        }
        finally
        {
            Mounts.DeleteFolder(work);
        }
    }

    private static async ValueTask<PlatformTrial> MeasureAsync(RunscBackend backend, SandboxImage image, string platform, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        await using var sandbox = await backend.BootAsync(new RunscLaunch(image, new RootShape(ScratchMiB: 1, CopiesLayers: false, HasVolumes: false), new CgroupLimits(256L << 20, 0, 1024)), cancellationToken);
        var agent = await AgentClient.ConnectAsync(sandbox.FromAgent, sandbox.ToAgent, epoch: 1, time, cancellationToken);
        try
        {
            var boot = time.GetElapsedTime(start).TotalMilliseconds;
            await sandbox.Started;
            var times = new double[Requests];
            for (var i = 0; i < Requests; i++)
            {
                var sent = time.GetTimestamp();
                await agent.SetEnvironmentAsync(new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken);
                times[i] = time.GetElapsedTime(sent).TotalMicroseconds;
            }

            Array.Sort(times);
            return new PlatformTrial(platform, boot, times[Requests / 2], null);
        }
        finally
        {
            await sandbox.DisposeAsync();
            await agent.DisposeAsync();
        }
    }
}
