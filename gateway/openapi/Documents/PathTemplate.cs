using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>A key of <c>paths</c>, taken apart: some documents tell operations of one path apart by a query or a fragment, which no path has.</summary>
internal sealed class PathTemplate
{
    private PathTemplate(string raw, string path, IReadOnlyList<ApiParameter> query)
    {
        (Raw, Path, Query) = (raw, path, query);
        Names = NamesOf(path);
    }

    /// <summary>The key as it stands.</summary>
    public string Raw { get; }

    /// <summary>The path alone, with its slash.</summary>
    public string Path { get; }

    /// <summary>The names in braces, in order, each once.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>What the key's query asks for, as required parameters.</summary>
    public IReadOnlyList<ApiParameter> Query { get; }

    /// <summary>Whether anything but a path stands in the key.</summary>
    public bool IsUnusual => !string.Equals(Raw, Path, StringComparison.Ordinal);

    public static PathTemplate Of(string raw)
    {
        var path = raw.Split('#')[0];
        var question = path.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : path[(question + 1)..];
        path = question < 0 ? path : path[..question];
        return new PathTemplate(raw, path.StartsWith('/') ? path : "/" + path, [.. query.Split('&').Where(p => p.Length > 0).Select(Fixed).DistinctBy(p => p.Name, StringComparer.Ordinal)]);
    }

    private static ApiParameter Fixed(string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        var name = Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]).Trim('{', '}');
        var value = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]);
        var isOpen = value.StartsWith('{') && value.EndsWith('}');
        return new ApiParameter
        {
            Name = name.Length == 0 ? "query" : name,
            Place = ParameterPlace.Query,
            IsRequired = true,
            Style = ParameterStyle.Form,
            Explode = true,
            AllowEmptyValue = value.Length == 0,
            Schema = isOpen ? Text : new ApiSchema(JsonSerializer.SerializeToElement(new FixedText("string", value, value), FixedTextContext.Default.FixedText), null),
        };
    }

    /// <summary>A schema that any text fits.</summary>
    public static ApiSchema Text { get; } = new(JsonElement.Parse("""{"type":"string"}"""u8), null);

    private static List<string> NamesOf(string path)
    {
        var names = new List<string>();
        for (var at = path.IndexOf('{', StringComparison.Ordinal); at >= 0; at = path.IndexOf('{', at + 1))
        {
            var end = path.IndexOf('}', at);
            if (end > at + 1 && path.IndexOf('{', at + 1, end - at - 1) < 0 && !names.Contains(path[(at + 1)..end], StringComparer.Ordinal))
            {
                names.Add(path[(at + 1)..end]);
            }
        }

        return names;
    }
}
