namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>What the processor can, from <c>/proc/cpuinfo</c>.</summary>
internal static class CpuFlags
{
    // x86 and arm64.
    private static readonly string[] _keys = ["flags", "Features"];

    /// <summary>The flags of the first processor in <paramref name="text"/>, sorted.</summary>
    public static IReadOnlyList<string> Read(string text)
    {
        var line = text.Split('\n').FirstOrDefault(line => _keys.Any(key => line.StartsWith(key, StringComparison.Ordinal)));
        return line is null ? [] : [.. line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)];
    }
}
