using System.Collections.Concurrent;

namespace ToolRuntime.Sandbox.Native;

/// <summary>
/// Folders of the shared cache that go once no process has used them for long. Several instances share one cache, also from other mount
/// namespaces, so what another one has mounted cannot be looked up: each says what it uses, by the time of a file beside the folder, and
/// says so again while it goes on using it. Saying so and removing hold the same lock.
/// </summary>
internal sealed class CacheEntries(string lockFile, TimeProvider time)
{
    /// <summary>How long a use that was said holds for the process that said it; well below any time after which something goes.</summary>
    public static readonly TimeSpan UseHolds = TimeSpan.FromHours(1);

    private const string GonePrefix = ".gone-";
    private readonly ConcurrentDictionary<string, long> _usedAt = new(StringComparer.Ordinal);

    /// <summary>Whether what was last used at <paramref name="lastUse"/> goes at <paramref name="now"/>. Pure.</summary>
    public static bool IsUnused(DateTimeOffset lastUse, DateTimeOffset now, TimeSpan unusedFor) =>
        now - lastUse >= (unusedFor > UseHolds * 2 ? unusedFor : UseHolds * 2);

    /// <summary>Whether it was said here that <paramref name="folder"/> is used, and that still holds.</summary>
    public bool IsInUse(string folder) => _usedAt.TryGetValue(folder, out var since) && time.GetElapsedTime(since) < UseHolds;

    /// <summary>Says that <paramref name="folder"/> is used; false when it is not there.</summary>
    public async Task<bool> TryUseAsync(string folder, CancellationToken cancellationToken)
    {
        using var held = await CacheLock.TakeAsync(lockFile, time, cancellationToken);
        if (!Directory.Exists(folder))
        {
            return false;
        }

        Stamp(folder);
        _usedAt[folder] = time.GetTimestamp();
        return true;
    }

    /// <summary>Removes <paramref name="folder"/> if nobody has used it for so long. One of which no use is known yet begins its time now.</summary>
    public async Task<bool> TryRemoveAsync(string folder, TimeSpan unusedFor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var gone = Path.Combine(Path.GetDirectoryName(folder)!, GonePrefix + Guid.NewGuid().ToString("n"));
        using (await CacheLock.TakeAsync(lockFile, time, cancellationToken))
        {
            var stamp = StampOf(folder);
            if (!File.Exists(stamp))
            {
                Stamp(folder);
                return false;
            }

            if (!Directory.Exists(folder) || !IsUnused(new DateTimeOffset(File.GetLastWriteTimeUtc(stamp)), now, unusedFor))
            {
                return false;
            }

            Directory.Move(folder, gone);
            File.Delete(stamp);
            _usedAt.TryRemove(folder, out _);
        }

        Mounts.DeleteFolder(gone);
        return true;
    }

    /// <summary>Deletes what a process that died in <see cref="TryRemoveAsync"/> left in <paramref name="parent"/>.</summary>
    public static void Sweep(string parent)
    {
        foreach (var gone in Directory.EnumerateDirectories(parent, GonePrefix + "*"))
        {
            try
            {
                Mounts.DeleteFolder(gone);
            }
            catch (IOException)
            {
                // Another process deletes it in this moment.
                continue;
            }
        }
    }

    private static string StampOf(string folder) => Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}.used");

    private void Stamp(string folder)
    {
        var stamp = StampOf(folder);
        if (!File.Exists(stamp))
        {
            File.WriteAllBytes(stamp, []);
        }

        File.SetLastWriteTimeUtc(stamp, time.GetUtcNow().UtcDateTime);
    }
}
