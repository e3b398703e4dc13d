using System.Text;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>The configuration that pip gets: the index of ours, or that of the machine, and nothing else.</summary>
internal static class PipConfiguration
{
    private static readonly string[] s_taken = ["index-url", "extra-index-url", "trusted-host", "cert", "client-cert", "no-index", "find-links", "proxy", "timeout", "retries"];

    /// <summary>The file's text. <paramref name="index"/> is an address, a folder, or null for the machine's own.</summary>
    public static string Make(string? index)
    {
        if (index is not null)
        {
            return Directory.Exists(index) ? $"[global]\nno-index = true\nfind-links = {index}\n" : $"[global]\nindex-url = {index}\n";
        }

        var text = new StringBuilder("[global]\n");
        foreach (var (name, value) in MachineFiles().Where(File.Exists).SelectMany(f => Read(File.ReadAllText(f))).Concat(FromEnvironment()))
        {
            text.Append(name).Append(" = ").Append(value).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What of a pip configuration is taken; a value may go over several lines.</summary>
    internal static IEnumerable<(string Name, string Value)> Read(string text)
    {
        var section = "";
        string? name = null;
        var value = "";
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n').Append("[end]"))
        {
            if (line.Length > 0 && char.IsWhiteSpace(line[0]) && name is not null)
            {
                value += "\n    " + line.Trim();
                continue;
            }

            if (name is not null && section is "global" or "install" or "download" && s_taken.Contains(name, StringComparer.Ordinal))
            {
                yield return (name, value);
            }

            name = null;
            var trimmed = line.Trim();
            if (trimmed.StartsWith('['))
            {
                section = trimmed.Trim('[', ']').ToLowerInvariant();
            }
            else if (trimmed.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && trimmed[0] is not ('#' or ';'))
            {
                (name, value) = (trimmed[..at].Trim().Replace('_', '-'), trimmed[(at + 1)..].Trim());
            }
        }
    }

    private static IEnumerable<string> MachineFiles()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        yield return "/etc/pip.conf";
        yield return Path.Combine(home, ".pip/pip.conf");
        yield return Path.Combine(home, ".config/pip/pip.conf");
        if (Environment.GetEnvironmentVariable("PIP_CONFIG_FILE") is { Length: > 0 } named)
        {
            yield return named;
        }
    }

    private static IEnumerable<(string Name, string Value)> FromEnvironment() => s_taken
        .Select(name => (name, Environment.GetEnvironmentVariable($"PIP_{name.ToUpperInvariant().Replace('-', '_')}") ?? ""))
        .Where(v => v.Item2.Length > 0);
}
