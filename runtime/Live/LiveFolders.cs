using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Live;

/// <summary>
/// Paused sandboxes and snapshots on disk, each a folder of its own: <c>sandbox.json</c>, and <c>memory</c> (a checkpoint) or <c>files</c> (an
/// archive), or both. A folder without <c>sandbox.json</c> was not finished and counts for nothing.
/// </summary>
internal sealed class LiveFolders
{
    private const string FileName = "sandbox.json";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _sandboxes;
    private readonly string _snapshots;

    /// <summary>Makes the folders where they are missing, and sweeps what was not finished.</summary>
    public LiveFolders(string root)
    {
        _sandboxes = Path.Combine(root, "sandboxes");
        _snapshots = Path.Combine(root, "snapshots");
        Directory.CreateDirectory(_sandboxes, Private);
        Directory.CreateDirectory(_snapshots, Private);
        Home = HomeOf(root);
        foreach (var folder in Directory.EnumerateDirectories(_sandboxes).Concat(Directory.EnumerateDirectories(_snapshots)))
        {
            if (!File.Exists(Path.Combine(folder, FileName)))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Names this folder, whichever runtime uses it.</summary>
    public string Home { get; }

    /// <summary>The folder of a sandbox.</summary>
    public string OfSandbox(string id) => Path.Combine(_sandboxes, id);

    /// <summary>The folder of a snapshot.</summary>
    public string OfSnapshot(string id) => Path.Combine(_snapshots, id);

    /// <summary>A tenant's snapshot as it stands on disk, or null.</summary>
    public LiveFile? FindSnapshot(string tenant, string id) =>
        Ids.IsValid(id) && File.Exists(Path.Combine(OfSnapshot(id), FileName)) && Read(OfSnapshot(id)).File is { Snapshot: { } snapshot } file && snapshot.Tenant == tenant ? file : null;

    /// <summary>The checkpoint in a folder.</summary>
    public static string Memory(string folder) => Path.Combine(folder, "memory");

    /// <summary>The archive in a folder.</summary>
    public static string Files(string folder) => Path.Combine(folder, "files");

    /// <summary>Makes a fresh folder beside <paramref name="folder"/>, to be filled and then put in its place.</summary>
    public static string Begin(string folder)
    {
        var work = $"{folder}.{Ids.New()}";
        Directory.CreateDirectory(work, Private);
        return work;
    }

    /// <summary>Finishes what was begun: from here on it counts.</summary>
    public static void Finish(string work, string folder, LiveFile file)
    {
        Write(work, file);
        Remove(folder);
        Directory.Move(work, folder);
    }

    /// <summary>Rewrites what stands beside memory and files.</summary>
    public static void Write(string folder, LiveFile file)
    {
        var path = Path.Combine(folder, FileName);
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            JsonSerializer.Serialize(stream, file, LiveJson.Default.LiveFile);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>What stands on disk: sandboxes and snapshots. What cannot be read comes as a reason.</summary>
    public IEnumerable<(string Folder, LiveFile? File, string? Reason)> Read()
    {
        foreach (var folder in Directory.EnumerateDirectories(_sandboxes).Concat(Directory.EnumerateDirectories(_snapshots)).ToList())
        {
            yield return Read(folder);
        }
    }

    /// <summary>Removes a folder, if it is there.</summary>
    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Bytes in a folder.</summary>
    public static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);

    private static (string Folder, LiveFile? File, string? Reason) Read(string folder)
    {
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), LiveJson.Default.LiveFile);
            return file is { Format: LiveFile.CurrentFormat } ? (folder, file, null) : (folder, null, $"its format is {file?.Format}, and this build reads {LiveFile.CurrentFormat}");
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            return (folder, null, error.Message);
        }
    }

    /// <summary>The name of a folder, which it gets where it has none.</summary>
    public static string HomeOf(string root)
    {
        var path = Path.Combine(root, "home");
        if (!File.Exists(path))
        {
            File.WriteAllText(path, Ids.New());
        }

        return File.ReadAllText(path).Trim();
    }
}
