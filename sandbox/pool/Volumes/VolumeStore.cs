using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Volumes;

/// <summary>
/// The volumes that lie on this machine: a folder each, <c>{tenant}/{id}</c>, with <c>data</c>, and where it has a quota the <c>image</c> that is
/// mounted there from its first use to the end of this process, so that no sandbox waits for it.
/// </summary>
public sealed class VolumeStore : IAsyncDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const uint User = 1000;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredVolume> _volumes = new(StringComparer.Ordinal);
    private readonly VolumeOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private Task _mounting = Task.CompletedTask;

    private VolumeStore(VolumeOptions options, TimeProvider time) => (_options, _time) = (options, time);

    /// <summary>Sweeps what a crashed process left mounted or unfinished, finds the volumes, and begins to mount them.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public static VolumeStore Open(VolumeOptions options, TimeProvider time)
    {
        Directory.CreateDirectory(options.Folder, Private);
        Mounts.UnmountBelow(Path.GetFullPath(options.Folder));
        var store = new VolumeStore(options with { Folder = Path.GetFullPath(options.Folder) }, time);
        foreach (var folder in Directory.EnumerateDirectories(store._options.Folder).SelectMany(Directory.EnumerateDirectories).ToList())
        {
            store.Find(folder);
        }

        store._mounting = Task.Run(store.MountAllAsync);
        return store;
    }

    /// <summary>All that there are.</summary>
    public IReadOnlyList<VolumeRecord> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _volumes.Values.Where(v => !v.IsGone).Select(v => v.Record)];
            }
        }
    }

    /// <summary>Makes a volume of what <paramref name="wanted"/> says; a negative quota stands for the one of host.json.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments, SandboxConflict where the name is taken, QuotaExceeded, or NotSupported where this machine cannot keep a quota.</exception>
    public async Task<VolumeRecord> CreateAsync(VolumeRecord wanted, CancellationToken cancellationToken)
    {
        var record = wanted with { QuotaMiB = wanted.QuotaMiB < 0 ? _options.QuotaMiB : wanted.QuotaMiB, CreatedAt = _time.GetUtcNow() };
        Check(record);
        var volume = new StoredVolume(record, Path.Combine(_options.Folder, record.Tenant, record.Id));
        Add(volume);
        await volume.Gate.WaitAsync(cancellationToken);
        try
        {
            Directory.CreateDirectory(volume.Data);
            if (record.QuotaMiB > 0)
            {
                await VolumeImage.MakeAsync(volume.Image, record.QuotaMiB, cancellationToken);
                await MountAsync(volume, cancellationToken);
            }
            else
            {
                _ = Libc.ChangeOwner(volume.Data, User, User);
                volume.IsMounted = true;
            }

            await File.WriteAllBytesAsync(volume.RecordFile, JsonSerializer.SerializeToUtf8Bytes(record, FunctionsJson.Default.VolumeRecord), CancellationToken.None);
            return record;
        }
        catch (Exception error)
        {
            Forget(volume);
            Mounts.DeleteFolder(volume.Folder);
            throw error is SandboxSetupException or IOException ? new FunctionFaultException(new FunctionFault(FaultCode.Internal, $"volume {record.Name} could not be made: {error.Message}"), error) : error;
        }
        finally
        {
            volume.Gate.Release();
        }
    }

    /// <summary>The folders of the volumes that a sandbox gets; it has them from here on until <see cref="Release"/>.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments, or SandboxNotFound: there is no such volume here.</exception>
    public async Task<IReadOnlyList<VolumeBinding>> BindAsync(string tenant, IReadOnlyList<VolumeMount> mounts, string holder, CancellationToken cancellationToken)
    {
        if (mounts.Count == 0)
        {
            return [];
        }

        if (VolumeMount.WrongIn(mounts) is { } wrong)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, wrong);
        }

        var bindings = new List<VolumeBinding>();
        foreach (var (mount, volume) in Hold(tenant, mounts, holder))
        {
            await EnsureMountedAsync(volume, cancellationToken);
            bindings.Add(new VolumeBinding(volume.Data, mount));
        }

        return bindings;
    }

    /// <summary>Says that a sandbox has the volumes that are still there; one that is paused keeps them so.</summary>
    public void Keep(string tenant, IReadOnlyList<VolumeMount> mounts, string holder)
    {
        lock (_gate)
        {
            foreach (var volume in mounts.Select(m => FindByName(tenant, m.Name)).OfType<StoredVolume>())
            {
                volume.Holders.Add(holder);
            }
        }
    }

    /// <summary>A sandbox is gone, and has no volumes any more.</summary>
    public void Release(string holder)
    {
        lock (_gate)
        {
            foreach (var volume in _volumes.Values)
            {
                volume.Holders.Remove(holder);
            }
        }
    }

    /// <summary>A volume's files, for the host.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound.</exception>
    public async Task<VolumeTree> OpenAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        var volume = Get(tenant, id);
        await EnsureMountedAsync(volume, cancellationToken);
        return new VolumeTree(volume.Data);
    }

    /// <summary>How full a volume is, and who has it.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound.</exception>
    public async Task<VolumeAnswer> LookAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        var volume = Get(tenant, id);
        await EnsureMountedAsync(volume, cancellationToken);
        string[] holders;
        lock (_gate)
        {
            holders = [.. volume.Holders];
        }

        var disk = new DriveInfo(volume.Data);
        if (volume.Record.QuotaMiB > 0)
        {
            return new VolumeAnswer(volume.Record, disk.TotalSize - disk.TotalFreeSpace, disk.TotalSize, holders);
        }

        using var tree = new VolumeTree(volume.Data);
        return new VolumeAnswer(volume.Record, await Task.Run(tree.Used, cancellationToken), disk.TotalSize, holders);
    }

    /// <summary>Removes a volume with what it holds.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound, or SandboxConflict: a sandbox has it.</exception>
    public async Task<VolumeRecord> RemoveAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        var volume = Get(tenant, id);
        await volume.Gate.WaitAsync(cancellationToken);
        try
        {
            lock (_gate)
            {
                if (volume.Holders.Count > 0)
                {
                    throw new FunctionFaultException(FaultCode.SandboxConflict, $"volume {volume.Record.Name} is in use by {string.Join(", ", volume.Holders.Take(5))}", "end these sandboxes first; paused ones count");
                }

                volume.IsGone = true;
            }

            await Task.Run(() => Delete(volume), CancellationToken.None);
            Forget(volume);
            return volume.Record;
        }
        finally
        {
            volume.Gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _mounting;
        Mounts.UnmountBelow(_options.Folder);
        _ending.Dispose();
    }

    private static void Delete(StoredVolume volume)
    {
        File.Delete(volume.RecordFile);
        if (volume.Record.QuotaMiB == 0)
        {
            // What it holds is a guest's work: names and depths that no host's program should walk by their paths.
            using var tree = new VolumeTree(volume.Data);
            tree.Clear();
        }

        Mounts.DeleteFolder(volume.Folder);
    }

    private static void Check(VolumeRecord record)
    {
        var (least, most) = VolumeOptions.Quotas;
        var wrong = !Names.IsVolume(record.Name) ? $"'{record.Name}' is no volume's name; use 1 to 63 of A-Z a-z 0-9 _ -, the first a letter or digit"
            : record.QuotaMiB != 0 && (record.QuotaMiB < least || record.QuotaMiB > most) ? $"a quota of {record.QuotaMiB} MiB; {least} to {most} are possible, and 0 for none"
            : !Names.IsTenant(record.Tenant) || !Ids.IsValid(record.Id) ? "neither tenant nor id can be in a path"
            : null;
        if (wrong is not null)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, wrong);
        }

        if (record.QuotaMiB > 0 && VolumeImage.Lack() is { } lack)
        {
            throw new FunctionFaultException(FaultCode.NotSupported, $"a quota of {record.QuotaMiB} MiB cannot be kept: {lack}", "make the volume without one (quota 0), or set toolruntime.volumes.quotaMiB to 0 for all");
        }
    }

    private void Add(StoredVolume volume)
    {
        lock (_gate)
        {
            if (FindByName(volume.Record.Tenant, volume.Record.Name) is not null)
            {
                throw new FunctionFaultException(FaultCode.SandboxConflict, $"there is a volume '{volume.Record.Name}' already", "choose another name, or use that one");
            }

            if (_volumes.Values.Count(v => v.Record.Tenant == volume.Record.Tenant) >= _options.MaximumOfTenant)
            {
                throw new FunctionFaultException(FaultCode.QuotaExceeded, $"{_options.MaximumOfTenant} volumes are the most of one tenant", "remove some");
            }

            _volumes.Add(volume.Record.Id, volume);
        }
    }

    private void Forget(StoredVolume volume)
    {
        lock (_gate)
        {
            _volumes.Remove(volume.Record.Id);
        }
    }

    private List<(VolumeMount Mount, StoredVolume Volume)> Hold(string tenant, IReadOnlyList<VolumeMount> mounts, string holder)
    {
        lock (_gate)
        {
            var found = mounts.Select(m => (m, FindByName(tenant, m.Name) ?? throw NotFound(m.Name))).ToList();
            foreach (var (_, volume) in found)
            {
                volume.Holders.Add(holder);
            }

            return found;
        }
    }

    private StoredVolume? FindByName(string tenant, string name) =>
        _volumes.Values.FirstOrDefault(v => v.Record.Tenant == tenant && v.Record.Name == name && !v.IsGone);

    private StoredVolume Get(string tenant, string id)
    {
        lock (_gate)
        {
            return _volumes.TryGetValue(id, out var volume) && volume.Record.Tenant == tenant && !volume.IsGone ? volume : throw NotFound(id);
        }
    }

    private static async Task EnsureMountedAsync(StoredVolume volume, CancellationToken cancellationToken)
    {
        if (volume.IsMounted)
        {
            return;
        }

        await volume.Gate.WaitAsync(cancellationToken);
        try
        {
            if (volume.IsGone)
            {
                throw NotFound(volume.Record.Name);
            }

            if (!volume.IsMounted)
            {
                await MountAsync(volume, cancellationToken);
            }
        }
        catch (SandboxSetupException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.Internal, $"volume {volume.Record.Name} cannot be mounted: {error.Problem}", error.Hint), error);
        }
        finally
        {
            volume.Gate.Release();
        }
    }

    private static async Task MountAsync(StoredVolume volume, CancellationToken cancellationToken)
    {
        await VolumeImage.MountAsync(volume.Image, volume.Data, cancellationToken);
        volume.IsMounted = true;
    }

    private async Task MountAllAsync()
    {
        StoredVolume[] volumes;
        lock (_gate)
        {
            volumes = [.. _volumes.Values];
        }

        foreach (var volume in volumes)
        {
            try
            {
                await EnsureMountedAsync(volume, _ending.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (FunctionFaultException)
            {
                // Whoever wants it hears why; the others are mounted all the same.
                continue;
            }
        }
    }

    private void Find(string folder)
    {
        var file = Path.Combine(folder, "volume.json");
        if (!File.Exists(file))
        {
            // It was not finished, or is being removed.
            Mounts.DeleteFolder(folder);
            return;
        }

        if (JsonSerializer.Deserialize(File.ReadAllBytes(file), FunctionsJson.Default.VolumeRecord) is { } record)
        {
            _volumes[record.Id] = new StoredVolume(record, folder) { IsMounted = record.QuotaMiB == 0 };
        }
    }

    private static FunctionFaultException NotFound(string name) =>
        new(FaultCode.SandboxNotFound, $"there is no volume '{name}' where this sandbox is", "'toolrt volume list' shows them; 'toolrt volume create' makes one");
}
