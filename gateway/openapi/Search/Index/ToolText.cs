namespace ToolRuntime.OpenApi.Search.Index;

/// <summary>The terms of one tool, field by field: what the index is made from, and not kept.</summary>
internal sealed class ToolText
{
    private const int LongestField = 400;
    private const int Beginning = 60;
    private readonly List<int> _terms = [];
    private readonly List<(ToolField Field, int Start)> _runs = [];

    /// <summary>Reads <paramref name="tool"/>, which does <paramref name="action"/>.</summary>
    public static ToolText Of(SearchableTool tool, ToolAction action, TermTable.Reader reader, Glosses glosses)
    {
        var text = new ToolText();
        text.Read(ToolField.Name, reader, NameOf(tool), LongestField);
        text.Read(ToolField.Title, reader, tool.Title, LongestField);
        var path = ToolPath.Of(tool.Path);
        text.Begin(ToolField.Place);
        foreach (var segment in path.Places)
        {
            reader.Read(segment, text._terms, LongestField);
        }

        text.Read(ToolField.Parent, reader, path.Parent, LongestField);
        text.Read(ToolField.Thing, reader, path.Thing, LongestField);
        var pathEnd = text._terms.Count;
        text.Begin(ToolField.Tags);
        foreach (var tag in tool.Tags)
        {
            reader.Read(tag, text._terms, LongestField);
        }

        var start = text._terms.Count;
        text.Read(ToolField.Description, reader, tool.Description, LongestField);
        if (text._terms.Count - start > Beginning)
        {
            text._runs.Add((ToolField.More, start + Beginning));
        }

        text.Begin(ToolField.Parameters);
        foreach (var name in tool.ParameterNames)
        {
            reader.Read(name, text._terms, LongestField);
        }

        text.Read(ToolField.Resource, reader, tool.Resource, LongestField);
        glosses.Add(text, pathEnd, action);
        return text;
    }

    /// <summary>How many terms there are in all.</summary>
    public int Count => _terms.Count;

    /// <summary>The terms from <paramref name="start"/> up to <paramref name="end"/>.</summary>
    public ReadOnlySpan<int> Slice(int start, int end) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_terms)[start..end];

    /// <summary>Where the terms of <paramref name="field"/> stand.</summary>
    public (int Start, int End) RangeOf(ToolField field)
    {
        var at = _runs.FindIndex(r => r.Field == field);
        return at < 0 ? (0, 0) : (_runs[at].Start, at + 1 < _runs.Count ? _runs[at + 1].Start : _terms.Count);
    }

    /// <summary>From here on terms belong to <paramref name="field"/>.</summary>
    public void Begin(ToolField field) => _runs.Add((field, _terms.Count));

    /// <summary>Appends a term to the field that was begun last.</summary>
    public void Add(int term) => _terms.Add(term);

    // A method in a name says nothing that the method does not say, and means something else to people (we patch servers, put on the shelf).
    private static string NameOf(SearchableTool tool)
    {
        var name = tool.OperationId ?? tool.Name;
        if (tool.Method is not ("PATCH" or "PUT" or "HEAD" or "OPTIONS"))
        {
            return name;
        }

        var method = tool.Method.ToLowerInvariant();
        name = name.StartsWith(method, StringComparison.Ordinal) ? name[method.Length..] : name;
        return name.Replace(tool.Method[0] + method[1..], "", StringComparison.Ordinal);
    }

    private void Read(ToolField field, TermTable.Reader reader, string text, int limit)
    {
        Begin(field);
        reader.Read(text, _terms, limit);
    }
}
