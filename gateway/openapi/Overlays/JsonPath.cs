using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Overlays;

/// <summary>
/// What overlays use of JSONPath (RFC 9535): names, wildcards, indexes, slices, descendants and filters with comparisons, existence, <c>length</c>,
/// <c>match</c> and <c>search</c>.
/// </summary>
internal sealed class JsonPath
{
    private const int MostMatches = 1_000_000;
    private readonly IReadOnlyList<PathSegment> _segments;

    internal JsonPath(IReadOnlyList<PathSegment> segments) => _segments = segments;

    /// <summary>Reads a path that begins at the root (<c>$</c>).</summary>
    /// <exception cref="JsonPathException">It is none.</exception>
    public static JsonPath Parse(string text) => new JsonPathParser(text).Whole();

    /// <summary>What it finds, in the document's order, each once.</summary>
    /// <exception cref="JsonPathException">Too much is found.</exception>
    public IReadOnlyList<PathMatch> Select(JsonNode? root) => Select(new PathMatch(root, null, null, 0), root);

    /// <summary>What it finds from a place on.</summary>
    public IReadOnlyList<PathMatch> Select(PathMatch from, JsonNode? root)
    {
        List<PathMatch> present = [from];
        foreach (var segment in _segments)
        {
            var next = new List<PathMatch>();
            foreach (var match in present)
            {
                foreach (var place in segment.IsDescendant ? WithDescendants(match) : [match])
                {
                    next.AddRange(segment.Selectors.SelectMany(s => s.Select(place, root)));
                    if (next.Count > MostMatches)
                    {
                        throw new JsonPathException($"the path finds more than {MostMatches} values");
                    }
                }
            }

            present = next;
        }

        return _segments.Any(s => s.IsDescendant || s.Selectors.Count > 1) ? [.. present.Distinct()] : present;
    }

    private static IEnumerable<PathMatch> WithDescendants(PathMatch match)
    {
        var pending = new Stack<PathMatch>([match]);
        while (pending.TryPop(out var next))
        {
            yield return next;
            foreach (var child in next.Children().Reverse())
            {
                pending.Push(child);
            }
        }
    }
}
