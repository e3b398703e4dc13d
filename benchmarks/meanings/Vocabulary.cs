using System.Text.Json;

using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.Meanings;

/// <summary>The words that APIs are described in, and those that people ask in.</summary>
internal static class Vocabulary
{
    private const int FewestDocuments = 3;
    private const int FewestCounts = 2;
    private const int LongestText = 2000;
    private static readonly string[] s_telling = ["summary", "description", "operationId", "name", "title"];

    /// <summary>Words in at least three documents, those of most documents first; then the other words that WordNet's texts use at least twice.</summary>
    public static IReadOnlyList<string> Read(string documents, string wordnet)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(documents, "*.json", SearchOption.AllDirectories))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { MaxDepth = 512 });
            var words = new HashSet<string>(StringComparer.Ordinal);
            Collect(document.RootElement, words);
            foreach (var word in words.Where(w => w.Length is > 1 and <= 20 && w.All(char.IsAsciiLetterLower)))
            {
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }

        var used = counts.Where(c => c.Value >= FewestDocuments).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Key);
        return [.. used.Union(Common(wordnet), StringComparer.Ordinal)];
    }

    private static void Collect(JsonElement element, HashSet<string> words)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Collect(item, words);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                words.UnionWith(Words.Of(member.Name));
                if (member.Value.ValueKind == JsonValueKind.String && s_telling.Contains(member.Name, StringComparer.Ordinal))
                {
                    var text = member.Value.GetString()!;
                    words.UnionWith(Words.Of(text.Length <= LongestText ? text : text[..LongestText]));
                }

                Collect(member.Value, words);
            }
        }
    }

    private static IEnumerable<string> Common(string wordnet) =>
        File.ReadLines(Path.Combine(wordnet, "cntlist.rev")).Select(l => l.Split(' ')).Where(p => p.Length == 3)
            .GroupBy(p => p[0].Split('%')[0], p => int.Parse(p[2]), StringComparer.Ordinal)
            .Where(g => g.Key.Length > 1 && g.Key.All(char.IsAsciiLetterLower) && g.Sum() >= FewestCounts)
            .Select(g => g.Key);
}
