using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.OpenApi.Search.Index;

/// <summary>Numbers of stems. Words that say nothing have none.</summary>
internal sealed class TermTable
{
    /// <summary>Stands for words that say nothing, and for those that no tool uses.</summary>
    public const int None = -1;

    private readonly Dictionary<string, int> _byStem = new(StringComparer.Ordinal);
    private readonly List<string> _stems = [];

    /// <summary>How many there are.</summary>
    public int Count => _stems.Count;

    /// <summary>The stem with the number <paramref name="term"/>.</summary>
    public string StemOf(int term) => _stems[term];

    /// <summary>The number of <paramref name="stem"/>, or <see cref="None"/>.</summary>
    public int Find(string stem) => _byStem.GetValueOrDefault(stem, None);

    /// <summary>The number of <paramref name="stem"/>, a new one if need be.</summary>
    public int Add(string stem)
    {
        if (!_byStem.TryGetValue(stem, out var term))
        {
            term = _stems.Count;
            _stems.Add(stem);
            _byStem[stem] = term;
        }

        return term;
    }

    /// <summary>Lets go of room that was kept for more terms.</summary>
    public void Trim()
    {
        _byStem.TrimExcess();
        _stems.TrimExcess();
    }

    /// <summary>Reads texts into numbers; keeps what it has seen, so that a word is stemmed once.</summary>
    public sealed class Reader(TermTable terms)
    {
        private readonly Dictionary<string, int> _byWord = new(StringComparer.Ordinal);

        /// <summary>Appends the terms of <paramref name="text"/> to <paramref name="output"/>, at most <paramref name="limit"/> of them.</summary>
        public void Read(ReadOnlySpan<char> text, List<int> output, int limit)
        {
            Span<char> buffer = stackalloc char[WordReader.LongestWord];
            var reader = new WordReader(text, buffer);
            var lookup = _byWord.GetAlternateLookup<ReadOnlySpan<char>>();
            while (limit > 0 && reader.Read())
            {
                if (!lookup.TryGetValue(reader.Word, out var term))
                {
                    var word = new string(reader.Word);
                    term = Words.IsEmpty(word) ? None : terms.Add(WordForms.StemOf(word));
                    _byWord[word] = term;
                }

                if (term != None)
                {
                    output.Add(term);
                    limit--;
                }
            }
        }
    }
}
