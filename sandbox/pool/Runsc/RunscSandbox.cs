using System.Globalization;

using ToolRuntime.Sandbox.Backends;
using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>One running sandbox of gVisor: its channel, its limits, its layers. Disposing ends it and leaves nothing.</summary>
internal sealed class RunscSandbox : IBackedSandbox
{
    private readonly WorkLayout _layout;
    private readonly SandboxCgroup _cgroup;
    private readonly BoundedLog _log;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Stack<string> _mounted = new();
    private HeldProcess? _process;
    private GuestThreads? _guest;
    private Task? _disposal;
    private long _killsSeen;

    internal RunscSandbox(string id, WorkLayout layout, SandboxCgroup cgroup, SandboxStreams streams, TimeProvider time)
    {
        Id = id;
        _layout = layout;
        _cgroup = cgroup;
        _log = streams.Log;
        _time = time;
        FromAgent = streams.FromAgent;
        ToAgent = streams.ToAgent;
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>What it runs.</summary>
    public required RunscLaunch Launch { get; init; }

    /// <summary>Whether its programs' code runs in processes of their own, as on systrap, and not in gVisor's.</summary>
    public required bool RunsCodeApart { get; init; }

    /// <inheritdoc/>
    public (string Name, string Digest) Image => (Launch.Image.Recipe.Name, Launch.Image.Digest);

    /// <summary>Memory that it holds on the host, bytes, with what of its files the kernel keeps.</summary>
    public long MemoryBytes() => _cgroup.MemoryBytes();

    /// <summary>Ends when gVisor has started it, 60 ms after its agent began to run; faults with SandboxLost where gVisor refused.</summary>
    public Task Started { get; internal set; } = Task.CompletedTask;

    /// <summary>What the agent writes; ends when the sandbox has ended.</summary>
    public Stream FromAgent { get; }

    /// <summary>What the agent reads.</summary>
    public Stream ToAgent { get; }

    /// <inheritdoc/>
    public SandboxCapabilities Capabilities => SandboxCapabilities.Runsc;

    /// <summary>Whether the kernel has ended a process of it for its memory limit.</summary>
    public bool WasOutOfMemory => Volatile.Read(ref _killsSeen) > 0 || _cgroup.OutOfMemoryKills() > 0;

    /// <summary>The last of what gVisor and the agent wrote to their standard error, at most 16 KiB.</summary>
    public string Log() => _log.Read();

    /// <summary>Rewrites the limits.</summary>
    public void SetLimits(in CgroupLimits limits) => _cgroup.SetLimits(limits);

    /// <inheritdoc/>
    public bool Freeze()
    {
        lock (_gate)
        {
            return Hold()?.Stop() == true;
        }
    }

    /// <inheritdoc/>
    public void Thaw()
    {
        lock (_gate)
        {
            _process?.Continue();
        }
    }

    /// <inheritdoc/>
    public bool? HasRun()
    {
        lock (_gate)
        {
            if (!RunsCodeApart || Hold() is not { } own)
            {
                return null;
            }

            _guest ??= new GuestThreads(() => _cgroup.Processes().Where(p => p != own.Number));
        }

        return _guest.HaveRun();
    }

    /// <summary>Mounts the host's folder <paramref name="source"/> read-only at <c>/layers/name</c>; seen inside at once.</summary>
    public void MountLayer(string source, string name)
    {
        var target = Path.Combine(_layout.LayersOf(Id), name);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            Directory.CreateDirectory(target);
            Mounts.BindReadOnly(source, target);
            _mounted.Push(target);
        }
    }

    /// <inheritdoc/>
    public void MountVolume(VolumeBinding volume)
    {
        var name = volume.Mount.Name;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            Directory.CreateDirectory(Path.Combine(_layout.VolumePoints, Id, name));
            var target = Path.Combine(_layout.VolumesOf(Id), name);
            Mounts.Bind(volume.Source, target, volume.Mount.ReadOnly);
            _mounted.Push(target);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_disposal ??= EndAsync());
        }
    }

    // Only what has started has its process; under the gate.
    private HeldProcess? Hold() => _disposal is null && Started.IsCompletedSuccessfully ? _process ??= HoldProcess() : null;

    // The number is looked up again once the process is held: only what is in the sandbox's groups is the sandbox's.
    private HeldProcess? HoldProcess()
    {
        var number = int.Parse(File.ReadAllText(_layout.ProcessFileOf(Id)), NumberStyles.None, CultureInfo.InvariantCulture);
        if (HeldProcess.TryOpen(number) is not { } process)
        {
            return null;
        }

        if (_cgroup.Processes().Contains(number))
        {
            return process;
        }

        process.Dispose();
        return null;
    }

    private async Task EndAsync()
    {
        await Task.Yield();
        _process?.Dispose();
        _cgroup.Kill();
        Volatile.Write(ref _killsSeen, _cgroup.OutOfMemoryKills());
        await _cgroup.RemoveAsync(_time);
        while (_mounted.TryPop(out var target))
        {
            Mounts.TryUnmount(target);
        }

        // Only empty folders may be left here: a recursive delete could reach through a mount into a layer.
        foreach (var folder in (string[])[_layout.LayersOf(Id), Path.Combine(_layout.VolumePoints, Id)])
        {
            foreach (var point in Directory.EnumerateDirectories(folder))
            {
                Directory.Delete(point);
            }

            Directory.Delete(folder);
        }

        Directory.Delete(_layout.BundleOf(Id), recursive: true);
        foreach (var file in Directory.EnumerateFileSystemEntries(_layout.State, $"*{Id}*"))
        {
            File.Delete(file);
        }

        await FromAgent.DisposeAsync();
        await ToAgent.DisposeAsync();
        _log.Dispose();
    }
}
