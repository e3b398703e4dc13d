namespace ToolRuntime.Runtime.Building;

/// <summary>Names of archive entries are hostile: only plain relative ones below the root are taken.</summary>
internal static class SafePath
{
    private const int MaximumLength = 1024;
    private const int MaximumSegment = 255;

    /// <summary>The entry's name with forward slashes and without a leading <c>./</c>, empty for the root itself; null when it is not safe.</summary>
    public static string? Normalize(string name)
    {
        if (name.Length > MaximumLength || name.StartsWith('/') || name.Contains('\\') || name.Any(char.IsControl))
        {
            return null;
        }

        var segments = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(s => s != ".").ToList();
        return segments.Exists(s => s == ".." || s.Length > MaximumSegment) ? null : string.Join('/', segments);
    }
}
