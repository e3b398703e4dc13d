using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.OpenApi.Search.Index;

/// <summary>What ranking knows of a tool beside its words.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Kind">Hash of the last literal segment of its path: what kind of thing it deals with.</param>
/// <param name="IsMany">Whether it is about all things of a kind and not about one.</param>
/// <param name="IsCollection">Whether its path is one that others lead on from to one thing of it.</param>
/// <param name="Prior">What its score is multiplied with, at most 1: less for deep paths, and for what is deprecated or on trial.</param>
internal readonly record struct ToolFacts(ToolAction Action, int Kind, bool IsMany, bool IsCollection, float Prior)
{
    private const int Beginning = 160;

    /// <summary>The facts about <paramref name="tool"/>.</summary>
    public static ToolFacts Of(SearchableTool tool, bool isCollection, Lexicon lexicon, SearchWeights weights)
    {
        var path = ToolPath.Of(tool.Path);
        var prior = 1f / (1 + (weights.Depth * path.Places.Count));
        prior *= tool.IsDeprecated || SaysDeprecated(tool.Description) ? 1 - weights.Deprecated : 1;
        prior *= path.IsOnTrial ? 1 - weights.OnTrial : 1;
        prior *= tool.Path.EndsWith('/') && tool.Path.Count('/') > 2 ? 1 - weights.Overview : 1;
        return new ToolFacts(ActionOf(tool, path, lexicon), KindOf(tool, path), isCollection || (!path.EndsInParameter && IsPlural(path.Thing)), isCollection, prior);
    }

    private static bool IsPlural(string thing) => thing.Length == 0 || (thing[^1] is 's' && !thing.EndsWith("ss", StringComparison.Ordinal) && !thing.EndsWith("us", StringComparison.Ordinal));

    // Not string.GetHashCode: that differs from process to process, and the ranking must not.
    private static int KindOf(SearchableTool tool, ToolPath path)
    {
        var hash = 17;
        foreach (var letter in path.Thing.Length > 0 ? path.Thing : tool.Name)
        {
            hash = unchecked((hash * 31) + letter);
        }

        return hash;
    }

    private static bool SaysDeprecated(string description) =>
        description.AsSpan(0, Math.Min(Beginning, description.Length)).Contains("deprecated", StringComparison.OrdinalIgnoreCase);

    private static ToolAction ActionOf(SearchableTool tool, ToolPath path, Lexicon lexicon) => tool.Method switch
    {
        "GET" or "HEAD" or "QUERY" or "OPTIONS" => ToolAction.Read,
        "DELETE" => ToolAction.Delete,
        "PUT" or "PATCH" => ToolAction.Update,
        _ => Posted(tool, path, lexicon),
    };

    // POST does everything: the name says what by its first word or its last one, else the path does.
    private static ToolAction Posted(SearchableTool tool, ToolPath path, Lexicon lexicon)
    {
        var name = (tool.OperationId ?? tool.Name).AsSpan();
        var words = Words.Of(name[(name.LastIndexOfAny('/', '.') + 1)..].ToString());
        var said = words is ["post", ..] ? Words.Of(path.Thing) : words;
        foreach (var word in said.Count > 1 ? [said[0], said[^1]] : said)
        {
            if (IsVerb(word))
            {
                return lexicon.ActionOf(WordForms.StemOf(word)) ?? ToolAction.Other;
            }
        }

        return path.EndsInParameter ? ToolAction.Update : path.Thing.EndsWith('s') ? ToolAction.Create : ToolAction.Other;
    }

    private static bool IsVerb(string word) =>
        word is "create" or "add" or "delete" or "remove" or "update" or "get" or "list" or "set" or "search" or "revoke" or "edit" or "modify";
}
