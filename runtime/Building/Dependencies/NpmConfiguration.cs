namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>The configuration that npm gets: the registry of ours, or that of the machine, and nothing else.</summary>
internal static class NpmConfiguration
{
    private static readonly string[] s_taken = ["registry", "cafile", "ca", "strict-ssl", "proxy", "https-proxy", "noproxy", "cert", "key"];

    /// <summary>The file's text. <paramref name="registry"/> is an address, or null for the machine's own.</summary>
    public static string Make(string? registry)
    {
        if (registry is not null)
        {
            return $"registry={registry}\n";
        }

        var lines = MachineFiles().Where(File.Exists).SelectMany(File.ReadLines).Where(IsTaken);
        var named = Environment.GetEnvironmentVariable("NPM_CONFIG_REGISTRY") ?? Environment.GetEnvironmentVariable("npm_config_registry");
        return string.Join('\n', named is { Length: > 0 } ? lines.Append($"registry={named}") : lines) + "\n";
    }

    private static bool IsTaken(string line)
    {
        var name = line.Split('=')[0].Trim();
        return name.StartsWith("//", StringComparison.Ordinal) || s_taken.Contains(name, StringComparer.Ordinal)
            || (name.StartsWith('@') && name.EndsWith(":registry", StringComparison.Ordinal));
    }

    private static IEnumerable<string> MachineFiles()
    {
        yield return "/etc/npmrc";
        yield return "/usr/etc/npmrc";
        yield return "/usr/local/etc/npmrc";
        yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".npmrc");
        if (Environment.GetEnvironmentVariable("NPM_CONFIG_USERCONFIG") is { Length: > 0 } named)
        {
            yield return named;
        }
    }
}
