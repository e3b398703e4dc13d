using ToolRuntime.Sandbox.Debian;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>Finds runsc, or fetches it from the backports of the machine's own Debian archive into the cache, without touching the system's package sources.</summary>
public static class RunscLocator
{
    private const string FetchHint = "install gVisor yourself and name it in host.json: toolruntime.sandbox.runscPath";

    /// <summary>The build to use: the one that was named, else one on PATH or in the cache that is new enough, else a fetched one, else an older one on PATH.</summary>
    /// <exception cref="SandboxSetupException">There is none and none can be had.</exception>
    public static async ValueTask<RunscBinary> LocateAsync(SandboxOptions options, TimeProvider time, IProgress<string> progress, CancellationToken cancellationToken)
    {
        if (options.RunscPath is { } named)
        {
            return await RunscBinary.ProbeAsync(named, cancellationToken);
        }

        if (await FindAsync(options, cancellationToken) is { IsNewEnough: true } found)
        {
            return found;
        }

        try
        {
            return await FetchAsync(options.CacheFolder, time, progress, cancellationToken);
        }
        catch (SandboxSetupException)
        {
            // An old build is better than none; the doctor names what it cannot do.
            if (await FindAsync(options, cancellationToken) is { } old)
            {
                return old;
            }

            throw;
        }
    }

    /// <summary>The newest build that is already on the machine (named, on PATH, in the cache), or null.</summary>
    public static async ValueTask<RunscBinary?> FindAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> candidates = options.RunscPath is { } named
            ? [named]
            : [CachedPath(options.CacheFolder), .. folders.Select(folder => Path.Combine(folder, "runsc"))];
        RunscBinary? best = null;
        foreach (var path in candidates.Where(File.Exists))
        {
            var binary = await RunscBinary.ProbeAsync(path, cancellationToken);
            best = best is null || binary.Release > best.Release ? binary : best;
        }

        return best;
    }

    private static string CachedPath(string cacheFolder) => Path.Combine(cacheFolder, "runsc", "backports", "usr", "bin", "runsc");

    private static async ValueTask<RunscBinary> FetchAsync(string cacheFolder, TimeProvider time, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(cacheFolder, "runsc");
        using var held = await CacheLock.TakeAsync(Path.Combine(folder, ".lock"), time, cancellationToken);
        var path = CachedPath(cacheFolder);
        if (!File.Exists(path))
        {
            var work = Path.Combine(folder, ".fetch-" + Guid.NewGuid().ToString("n"));
            try
            {
                await UnpackAsync(work, progress, cancellationToken);
                Directory.Move(Path.Combine(work, "root"), Path.Combine(folder, "backports"));
            }
            finally
            {
                Directory.Delete(work, recursive: true);
            }
        }

        return await RunscBinary.ProbeAsync(path, cancellationToken);
    }

    private static async Task UnpackAsync(string work, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var lists = Path.Combine(work, "lists");
        var cache = Path.Combine(work, "cache");
        var download = Path.Combine(work, "download");
        var sourceList = Path.Combine(work, "sources.list");
        Directory.CreateDirectory(Path.Combine(lists, "partial"));
        Directory.CreateDirectory(Path.Combine(cache, "archives", "partial"));
        Directory.CreateDirectory(download);
        var backports = DebianSources.Read().Backports;
        await File.WriteAllTextAsync(sourceList, backports.ToLine() + "\n", cancellationToken);

        string[] settings =
        [
            "-o", $"Dir::Etc::sourcelist={sourceList}", "-o", "Dir::Etc::sourceparts=-",
            "-o", $"Dir::State::lists={lists}", "-o", $"Dir::Cache={cache}", "-q",
        ];
        progress.Report($"fetching runsc: reading the package lists of {backports.Suite}");
        await new ToolCommand("apt-get", ["update", .. settings]) { Hint = FetchHint }.RunAsync(null, cancellationToken);
        progress.Report("fetching runsc: downloading");
        await new ToolCommand("apt-get", ["download", .. settings, "runsc"]) { WorkingDirectory = download, Hint = FetchHint }.RunAsync(null, cancellationToken);
        var package = Directory.EnumerateFiles(download, "runsc_*.deb").First();
        await new ToolCommand("dpkg", ["-x", package, Path.Combine(work, "root")]) { Hint = FetchHint }.RunAsync(null, cancellationToken);
        progress.Report("fetched runsc");
    }
}
