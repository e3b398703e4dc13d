namespace ToolRuntime.Sandbox.Debian;

/// <summary>Reads apt's two source formats (sources.list(5)): one line per source, and deb822 paragraphs. What it cannot use it leaves out.</summary>
public static class AptSourceParser
{
    private static readonly char[] _blanks = [' ', '\t'];

    /// <summary>Reads a <c>.list</c> file's text.</summary>
    public static IReadOnlyList<AptSource> ParseLines(string text)
    {
        var sources = new List<AptSource>();
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Split('#')[0].Trim();
            if (line.StartsWith("deb", StringComparison.Ordinal) && line.Length > 3 && _blanks.Contains(line[3])
                && ParseLine(line[4..].Trim()) is { } source)
            {
                sources.Add(source);
            }
        }

        return sources;
    }

    /// <summary>Reads a <c>.sources</c> file's text.</summary>
    public static IReadOnlyList<AptSource> ParseParagraphs(string text)
    {
        var sources = new List<AptSource>();
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var last = "";
        foreach (var raw in text.Split('\n').Append(""))
        {
            var line = raw.TrimEnd();
            if (line.Length == 0)
            {
                sources.AddRange(FromParagraph(fields));
                fields.Clear();
            }
            else if (line[0] == '#')
            {
                continue;
            }
            else if (_blanks.Contains(line[0]))
            {
                fields[last] = fields.GetValueOrDefault(last) + "\n" + line.Trim();
            }
            else if (line.IndexOf(':') is > 0 and var colon)
            {
                last = line[..colon];
                fields[last] = line[(colon + 1)..].Trim();
            }
        }

        return sources;
    }

    private static AptSource? ParseLine(string line)
    {
        string? signedBy = null;
        if (line.StartsWith('['))
        {
            var end = line.IndexOf(']');
            if (end < 0)
            {
                return null;
            }

            signedBy = Words(line[1..end])
                .Where(option => option.StartsWith("signed-by=", StringComparison.OrdinalIgnoreCase))
                .Select(option => option["signed-by=".Length..])
                .FirstOrDefault();
            line = line[(end + 1)..];
        }

        var words = Words(line);
        return words.Length < 3 ? null : new AptSource(words[0], words[1], words[2..], signedBy);
    }

    private static IEnumerable<AptSource> FromParagraph(Dictionary<string, string> fields)
    {
        var components = Words(fields.GetValueOrDefault("Components", ""));
        var isEnabled = !string.Equals(fields.GetValueOrDefault("Enabled"), "no", StringComparison.OrdinalIgnoreCase);
        if (!isEnabled || components.Length == 0 || !Words(fields.GetValueOrDefault("Types", "")).Contains("deb"))
        {
            yield break;
        }

        // A key that stands in the file itself cannot be handed on by path; the machine's trusted keys are used then.
        var signedBy = fields.GetValueOrDefault("Signed-By") is { } key && key.StartsWith('/') ? Words(key)[0] : null;
        foreach (var uri in Words(fields.GetValueOrDefault("URIs", "")))
        {
            foreach (var suite in Words(fields.GetValueOrDefault("Suites", "")))
            {
                yield return new AptSource(uri, suite, components, signedBy);
            }
        }
    }

    private static string[] Words(string text) =>
        text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
