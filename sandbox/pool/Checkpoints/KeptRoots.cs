using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>
/// Gives files further names, so that they stay whatever becomes of the first: an image's packed root goes when it is packed anew. That costs
/// nothing on one file system; on another each root is copied once, into a store beside the checkpoints.
/// </summary>
internal sealed class KeptRoots(string store)
{
    /// <summary>Makes <paramref name="target"/> the same file as <paramref name="source"/>, or a copy of it that others with <paramref name="key"/> share.</summary>
    /// <exception cref="IOException">There is no such file, or no room.</exception>
    public void Keep(string source, string target, string key)
    {
        var kept = Path.Combine(store, key);
        if (FileLinks.TryLink(source, target) || (File.Exists(kept) && FileLinks.TryLink(kept, target)))
        {
            return;
        }

        File.Copy(source, target);
        Directory.CreateDirectory(store);
        if (!File.Exists(kept))
        {
            FileLinks.TryLink(target, kept);
        }
    }

    /// <summary>Makes <paramref name="target"/> what the folder <paramref name="source"/> is, by links or copies.</summary>
    /// <exception cref="IOException">There is no such folder, or no room.</exception>
    public static void KeepFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source))
        {
            var copy = Path.Combine(target, Path.GetFileName(file));
            if (!FileLinks.TryLink(file, copy))
            {
                File.Copy(file, copy);
            }
        }

        foreach (var folder in Directory.EnumerateDirectories(source))
        {
            KeepFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
        }
    }

    /// <summary>Removes from the store what no checkpoint uses any more.</summary>
    public void Collect()
    {
        foreach (var file in Directory.Exists(store) ? Directory.EnumerateFiles(store).ToList() : [])
        {
            if (FileLinks.Count(file) == 1)
            {
                File.Delete(file);
            }
        }
    }
}
