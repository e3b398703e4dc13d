using System.Text.Json;

using Microsoft.Extensions.Logging;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>Starts sandboxes by running <c>runsc</c> directly, one instance per work folder.</summary>
internal sealed partial class RunscBackend : IAsyncDisposable
{
    private static readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal) { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" };

    // What a stream's wide window holds.
    private const int ChannelPipe = 1024 * 1024;

    private static readonly TimeSpan _toTellWhy = TimeSpan.FromSeconds(1);

    private readonly WorkLayout _layout;
    private readonly CgroupTree _cgroups;
    private readonly RunscBinary _binary;
    private readonly string _platform;
    private readonly FileStream _lock;
    private readonly TimeProvider _time;

    private RunscBackend(WorkLayout layout, CgroupTree cgroups, RunscBinary binary, string platform, FileStream lockFile, TimeProvider time)
    {
        _layout = layout;
        _cgroups = cgroups;
        _binary = binary;
        _platform = platform;
        _lock = lockFile;
        _time = time;
    }

    /// <summary>The build of gVisor.</summary>
    public RunscBinary Binary => _binary;

    /// <summary>gVisor's platform.</summary>
    public string Platform => _platform;

    /// <summary>Where the instance keeps what is its own.</summary>
    public WorkLayout Layout => _layout;

    /// <summary>The agent and the SDKs as sandboxes see them.</summary>
    public string ToolsFolder => _layout.Tools;

    /// <summary>Takes the work folder, sweeps what a crashed process left there, and lays out what sandboxes share.</summary>
    /// <exception cref="SandboxSetupException">Not root, no control groups, another instance in the folder, or no agent.</exception>
    public static async ValueTask<RunscBackend> StartAsync(SandboxOptions options, RunscBinary binary, string platform, ILogger logger, TimeProvider time)
    {
        if (Libc.EffectiveUser() != 0)
        {
            throw new SandboxSetupException("sandboxes need root: mounts and control groups are its alone", "run toolrt as root");
        }

        var layout = new WorkLayout(options.WorkFolder, options.CheckpointFolder);
        Directory.CreateDirectory(layout.Folder);
        var lockFile = TakeFolder(layout);
        try
        {
            var cgroups = CgroupTree.Detect(layout.Instance, await File.ReadAllTextAsync("/proc/self/mountinfo"));
            var orphans = await OrphanSweep.RunAsync(layout, cgroups, time);
            if (orphans > 0)
            {
                LogSwept(logger, orphans, layout.Folder);
            }

            cgroups.Prepare();
            Directory.CreateDirectory(layout.Bundles);
            Directory.CreateDirectory(layout.State);
            Directory.CreateDirectory(layout.Layers);
            Mounts.MakeShared(layout.Layers);
            Directory.CreateDirectory(layout.VolumePoints);
            Directory.CreateDirectory(layout.Volumes);
            Mounts.MakeShared(layout.VolumePoints, layout.Volumes);
            Runsc.ToolsFolder.Fill(layout.Tools, options);
            return new RunscBackend(layout, cgroups, binary, platform, lockFile, time);
        }
        catch
        {
            await lockFile.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins to boot or restore a sandbox: its agent can be spoken to, and answers when it is up. That gVisor refused is told by <see cref="RunscSandbox.Started"/>.</summary>
    public async ValueTask<RunscSandbox> BootAsync(RunscLaunch launch, CancellationToken cancellationToken)
    {
        var id = Ids.New();
        var input = NativePipe.Create().Widen(ChannelPipe);
        var output = NativePipe.Create().Widen(ChannelPipe);
        var errors = NativePipe.Create();
        var cgroup = _cgroups.For(id);
        var streams = new SandboxStreams(
            new FileStream(output.Reader, FileAccess.Read, bufferSize: 0),
            new FileStream(input.Writer, FileAccess.Write, bufferSize: 0),
            new BoundedLog(errors.Reader));
        Directory.CreateDirectory(_layout.LayersOf(id));
        Directory.CreateDirectory(Path.Combine(_layout.VolumePoints, id));
        Directory.CreateDirectory(_layout.BundleOf(id));
        var sandbox = new RunscSandbox(id, _layout, cgroup, streams, _time) { Launch = launch, RunsCodeApart = _platform is "systrap" or "ptrace" };
        try
        {
            cgroup.SetLimits(launch.Limits);
            foreach (var (source, name) in launch.Layers)
            {
                sandbox.MountLayer(source, name);
            }

            foreach (var volume in launch.Volumes)
            {
                sandbox.MountVolume(volume);
            }

            await WriteBundleAsync(id, launch, cancellationToken);
            await StartAsync(sandbox, cgroup, gate => CommandLine(id, launch, gate), new StandardStreams(input.Reader, output.Writer, errors.Writer), cancellationToken);
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
        finally
        {
            // Ours must go, or the channel would never end.
            input.Reader.Dispose();
            output.Writer.Dispose();
            errors.Writer.Dispose();
        }
    }

    /// <summary>Writes the memory of a sandbox whose agent is suspended into <paramref name="folder"/>, which ends the sandbox; it ends too when that fails.</summary>
    /// <exception cref="SandboxSetupException">gVisor could not; its last words are in it.</exception>
    public async ValueTask CheckpointAsync(RunscSandbox sandbox, string folder, CancellationToken cancellationToken)
    {
        // Uncompressed, its pages are read and written at the disk's speed; compression took longer than the whole rest.
        List<string> arguments = [.. Flags(sandbox.Launch), "checkpoint", $"--image-path={folder}", "--compression=none", sandbox.Id];
        await new ToolCommand(_binary.Path, arguments) { Hint = "is the disk full?" }.RunAsync(null, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await OrphanSweep.RunAsync(_layout, _cgroups, _time);
        await _lock.DisposeAsync();
    }

    // runsc is held back while it is moved into the control groups, so all of the sandbox is in them from its first
    // instruction. runsc's own handling of control groups makes a group for each of ten controllers and costs 25 ms a
    // boot more (measured 2026-11); 'run --detach' costs 14 ms less than create and start.
    private async ValueTask StartAsync(RunscSandbox sandbox, SandboxCgroup cgroup, Func<StartGate, List<string>> commandLine, StandardStreams streams, CancellationToken cancellationToken)
    {
        var gate = new StartGate(_layout.GateOf(sandbox.Id));
        var process = 0;
        var runsc = SpawnedProcess.RunAsync(commandLine(gate), _environment, streams, id => process = id, cancellationToken);
        sandbox.Started = WatchAsync(sandbox, gate, runsc);
        try
        {
            await Task.Run(() => cgroup.Join(process), cancellationToken);
            gate.Open();
        }
        catch (Exception error)
        {
            // Outside of its groups nothing else would end it. Where it had ended already, why is what there is to tell.
            if (error is IOException && await Task.WhenAny(runsc, Task.Delay(_toTellWhy, _time, CancellationToken.None)) == runsc)
            {
                await sandbox.Started;
            }
            else if (!runsc.IsCompleted)
            {
                _ = Libc.Kill(process, Libc.SignalKill);
            }

            throw;
        }
    }

    private static async Task WatchAsync(RunscSandbox sandbox, StartGate gate, Task<int> runsc)
    {
        using var passed = gate;
        var code = await runsc;
        if (code != 0)
        {
            throw new FunctionFaultException(FaultCode.SandboxLost, $"runsc could not start a sandbox (exit code {code})", "run toolrt doctor", sandbox.Log());
        }
    }

    private static FileStream TakeFolder(WorkLayout layout)
    {
        try
        {
            return new FileStream(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new SandboxSetupException($"another instance uses {layout.Folder}", "give this one a data folder of its own", error);
        }
    }

    private async Task WriteBundleAsync(string id, RunscLaunch launch, CancellationToken cancellationToken)
    {
        var folders = new HostFolders(launch.ToolsFolder ?? _layout.Tools, _layout.LayersOf(id), _layout.VolumesOf(id), Runsc.ToolsFolder.DotnetRoot);
        var spec = BundleWriter.Create(launch.Image, folders, launch.Shape);
        var json = JsonSerializer.SerializeToUtf8Bytes(spec, OciJson.Default.OciSpec);
        await File.WriteAllBytesAsync(Path.Combine(_layout.BundleOf(id), "config.json"), json, cancellationToken);
    }

    private List<string> CommandLine(string id, RunscLaunch launch, StartGate gate) =>
    [
        _binary.Path, $"--log={gate.Path}", .. Flags(launch),
        .. launch.Checkpoint is { } folder ? ["restore", $"--image-path={folder}"] : new[] { "run" },
        "--detach", $"--pid-file={_layout.ProcessFileOf(id)}", $"--bundle={_layout.BundleOf(id)}", id,
    ];

    private string[] Flags(RunscLaunch launch) =>
        [$"--root={_layout.State}", "--network=none", "--ignore-cgroups", $"--platform={_platform}", .. RootFlags(launch.Shape.HasVolumes ? ImageRoot.Writable : launch.Image.Recipe.Root)];

    private string[] RootFlags(ImageRoot root) => (root, _binary.HasOverlay2) switch
    {
        (ImageRoot.ReadOnly, true) => ["--overlay2=none"],
        (ImageRoot.Writable, true) => ["--overlay2=root:memory"],
        (ImageRoot.Writable, false) => ["--overlay"],
        _ => [],
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ended {Count} sandboxes that a crashed process had left in {Folder}")]
    private static partial void LogSwept(ILogger logger, int count, string folder);
}
