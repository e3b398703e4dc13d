namespace ToolRuntime.OpenApi.Search.Text;

/// <summary>Words of texts, and which of them say nothing.</summary>
public static class Words
{
    private static readonly HashSet<string> s_empty = new(StringComparer.Ordinal)
    {
        "a", "an", "and", "any", "as", "at", "be", "been", "being", "but", "by", "can", "could", "for", "from", "had", "he", "her", "here", "him", "his", "i", "if", "in",
        "into", "it", "its", "just", "let", "may", "might", "must", "need", "no", "nor", "not", "of", "onto", "or", "our", "out", "over", "please", "really",
        "shall", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "thing", "this", "those", "to", "too",
        "up", "us", "very", "via", "want", "was", "we", "were", "will", "with", "would", "you", "your", "my", "me", "am", "is", "are", "do", "does", "did", "has", "have",
        "something", "anything", "everything", "one", "ones", "about", "also", "each", "per", "s", "t", "re", "ll", "ve", "d", "m", "what", "which", "who", "whose", "whom", "when",
        "where", "why", "how", "many", "much", "while", "during", "because", "within", "without", "after", "before", "like", "using", "use",
        "on", "don", "doesn", "didn", "isn", "aren", "wasn", "won", "hasn", "haven", "couldn", "shouldn", "things", "stuff", "else", "even", "yet", "ever", "already", "quite", "rather", "though", "although", "somewhere", "anywhere", "somehow",
    };

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_emptySpans = s_empty.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a word says nothing about what a tool is for.</summary>
    public static bool IsEmpty(ReadOnlySpan<char> word) => word.Length < 2 || s_emptySpans.Contains(word);

    /// <summary>The words of <paramref name="text"/>, lower case.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        Span<char> buffer = stackalloc char[WordReader.LongestWord];
        var reader = new WordReader(text, buffer);
        var words = new List<string>();
        while (reader.Read())
        {
            words.Add(new string(reader.Word));
        }

        return words;
    }

    /// <summary>Words and quoted phrases of <paramref name="text"/>, separated by spaces.</summary>
    public static IReadOnlyList<string> Quoted(string text)
    {
        var parts = text.Split('"');
        var found = new List<string>();
        for (var i = 0; i < parts.Length; i++)
        {
            if (i % 2 == 1)
            {
                found.Add(parts[i]);
            }
            else
            {
                found.AddRange(parts[i].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return found;
    }
}
