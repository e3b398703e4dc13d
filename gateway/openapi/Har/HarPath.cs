namespace ToolRuntime.OpenApi.Har;

/// <summary>Which segments of a recorded path are values.</summary>
internal static class HarPath
{
    /// <summary>The path with a placeholder for each segment that looks like a value, named after the segment before it.</summary>
    public static string Template(string path)
    {
        var segments = path.Split('/');
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < segments.Length; i++)
        {
            var segment = Uri.UnescapeDataString(segments[i]);
            if (IsValue(segment))
            {
                segments[i] = $"{{{Name(i > 0 ? segments[i - 1] : "", names)}}}";
            }
            else
            {
                segments[i] = segments[i].Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
            }
        }

        var template = string.Join('/', segments);
        return template.Length == 0 ? "/" : template;
    }

    /// <summary>Numbers, UUIDs, hashes, long mixtures of letters and digits, addresses.</summary>
    private static bool IsValue(string segment)
    {
        if (segment.Length == 0 || (segment[0] is 'v' or 'V' && segment.Length <= 4 && segment.Skip(1).All(char.IsAsciiDigit)))
        {
            return false;
        }

        var digits = segment.Count(char.IsAsciiDigit);
        return digits == segment.Length
            || Guid.TryParse(segment, out _)
            || segment.Contains('@', StringComparison.Ordinal)
            || (segment.Length >= 16 && digits >= 3 && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            || (segment.Length >= 8 && digits >= 2 && segment.All(char.IsAsciiHexDigit))
            || (DateOnly.TryParseExact(segment, "yyyy-MM-dd", out _));
    }

    private static string Name(string before, HashSet<string> names)
    {
        var clean = new string([.. before.Where(c => char.IsAsciiLetterOrDigit(c) || c is '_')]);
        var one = clean.EndsWith("ies", StringComparison.Ordinal) ? clean[..^3] + "y" : clean.EndsWith('s') && clean.Length > 2 ? clean[..^1] : clean;
        var name = one.Length == 0 || before.StartsWith('{') ? "id" : one + "Id";
        for (var i = 2; !names.Add(name); i++)
        {
            name = $"{name.TrimEnd('2', '3', '4', '5', '6', '7', '8', '9')}{i}";
        }

        return name;
    }
}
