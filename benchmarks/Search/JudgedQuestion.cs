using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.Benchmarks.Search;

/// <summary>A question, and the operations that answer it.</summary>
/// <param name="Set">The set that it belongs to: the folder that its file lies in.</param>
/// <param name="IsForTuning">Whether weights and words may be chosen by it; the others are held out.</param>
/// <param name="Text">The question.</param>
/// <param name="Right">Method and path of each operation that answers it.</param>
internal sealed record JudgedQuestion(string Set, bool IsForTuning, string Text, IReadOnlyList<string> Right)
{
    private const int LongestFreeWord = 4;

    /// <summary>The questions about the API called <paramref name="api"/>, of every set: a file in each folder of <paramref name="folder"/>.</summary>
    public static IReadOnlyList<JudgedQuestion> Of(string api, string folder) =>
        [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Select(d => (Set: Path.GetFileName(d), File: Path.Combine(d, api + ".tsv")))
            .Where(f => File.Exists(f.File)).SelectMany(f => Read(f.Set, File.ReadAllText(f.File)))];

    /// <summary>The questions of a file: <c>tune|held TAB question TAB METHOD path; METHOD path</c> a line.</summary>
    public static IReadOnlyList<JudgedQuestion> Read(string set, string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).Select(p => new JudgedQuestion(set, p[0] == "tune", p[1], p[2].Split("; ")))];

    /// <summary>
    /// Words that a question and its operation share against the rule (decisions, 30): none of more than four letters may stand, as it is or by its
    /// stem, in the question and in the operation's summary or id.
    /// </summary>
    public static IEnumerable<string> Shared(string question, ApiOperation operation)
    {
        var said = Long(operation.Summary).Concat(Long(operation.OperationId ?? "")).SelectMany(w => new[] { w, Stemmer.Stem(w) }).ToHashSet(StringComparer.Ordinal);
        return Long(question).Where(w => said.Contains(w) || said.Contains(Stemmer.Stem(w)));
    }

    private static IEnumerable<string> Long(string text) => Words.Of(text).Where(w => w.Length > LongestFreeWord);
}
