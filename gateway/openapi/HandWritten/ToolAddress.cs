namespace ToolRuntime.OpenApi.HandWritten;

/// <summary>A URL template, taken apart.</summary>
/// <param name="Server">Scheme, host and what of the path the base has.</param>
/// <param name="Path">The path template, with its slash.</param>
/// <param name="Query">The query's pairs; a value may be one placeholder (<c>{city}</c>) or fixed.</param>
internal sealed record ToolAddress(string Server, string Path, IReadOnlyList<(string Name, string Value)> Query)
{
    /// <summary>Null where the template is neither absolute nor below a base.</summary>
    public static ToolAddress? Of(string? url, string? baseUrl)
    {
        if (string.IsNullOrWhiteSpace(url))
        {
            return null;
        }

        var whole = IsAbsolute(url) ? url : baseUrl is not null && IsAbsolute(baseUrl) ? $"{baseUrl.TrimEnd('/')}/{url.TrimStart('/')}" : null;
        if (whole is null)
        {
            return null;
        }

        whole = whole.Split('#')[0];
        var question = whole.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : whole[(question + 1)..];
        whole = question < 0 ? whole : whole[..question];
        var slash = whole.IndexOf('/', whole.IndexOf("://", StringComparison.Ordinal) + 3);
        return new ToolAddress(slash < 0 ? whole : whole[..slash], slash < 0 ? "/" : whole[slash..], [.. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Pair)]);
    }

    /// <summary>Whether the path has the placeholder.</summary>
    public bool PathHas(string name) => Path.Contains($"{{{name}}}", StringComparison.Ordinal);

    private static (string, string) Pair(string text) => text.IndexOf('=', StringComparison.Ordinal) is var at and >= 0
        ? (Uri.UnescapeDataString(text[..at]), Uri.UnescapeDataString(text[(at + 1)..]))
        : (Uri.UnescapeDataString(text), "");

    private static bool IsAbsolute(string url) => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
}
