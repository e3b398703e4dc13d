namespace ToolRuntime.Functions;

/// <summary>A volume and where it is in a sandbox.</summary>
/// <param name="Name">The volume's name, see <see cref="Names.IsVolume"/>.</param>
/// <param name="Path">The absolute path that it is at.</param>
public sealed record VolumeMount(string Name, string Path)
{
    /// <summary>Most volumes of one sandbox.</summary>
    public const int Most = 16;

    private const int LongestPath = 1024;

    // Folders that programs need, and the agent's own.
    private static readonly string[] s_taken = ["/", "/proc", "/sys", "/dev", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/usr", "/toolrt", "/layers", "/volumes"];

    /// <summary>Whether it can be read only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Reads <c>NAME:/path</c> or <c>NAME:/path:ro</c>; null where it is neither.</summary>
    public static VolumeMount? Parse(string text)
    {
        var at = text.IndexOf(':', StringComparison.Ordinal);
        if (at < 1)
        {
            return null;
        }

        var path = text[(at + 1)..];
        var readOnly = path.EndsWith(":ro", StringComparison.Ordinal);
        var mount = new VolumeMount(text[..at], readOnly ? path[..^3] : path) { ReadOnly = readOnly };
        return WrongIn([mount]) is null ? mount : null;
    }

    /// <summary>What is wrong with a sandbox's volumes, or null: names the volume and how to mend it.</summary>
    public static string? WrongIn(IReadOnlyList<VolumeMount> mounts)
    {
        if (mounts.Count > Most)
        {
            return $"{mounts.Count} volumes, at most {Most} in one sandbox";
        }

        foreach (var mount in mounts)
        {
            if (WrongIn(mount) is { } wrong)
            {
                return wrong;
            }
        }

        var named = mounts.GroupBy(m => m.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
        return named is not null ? $"volume '{named}' stands twice; a volume has one place in a sandbox"
            : mounts.FirstOrDefault(m => mounts.Any(o => o != m && (m.Path.TrimEnd('/') + "/").StartsWith(o.Path.TrimEnd('/') + "/", StringComparison.Ordinal))) is { } inner ? $"volume {inner.Name}: {inner.Path} is another volume's place, or in it"
            : null;
    }

    private static string? WrongIn(VolumeMount mount)
    {
        if (!Names.IsVolume(mount.Name))
        {
            return $"'{mount.Name}' is no volume's name; use 1 to 63 of A-Z a-z 0-9 _ -, the first a letter or digit";
        }

        var path = mount.Path;
        if (path.Length is < 2 or > LongestPath || path[0] != '/' || path.Any(char.IsControl) || path.TrimEnd('/').Split('/').Skip(1).Any(part => part is "" or "." or ".."))
        {
            return $"volume {mount.Name}: '{path}' is no absolute path, such as /data";
        }

        return Array.Exists(s_taken, taken => path.TrimEnd('/') == taken || (taken is not ("/" or "/usr") && path.StartsWith(taken + "/", StringComparison.Ordinal)))
            ? $"volume {mount.Name}: nothing can be at {path}; choose a folder of its own, such as /data"
            : null;
    }
}
