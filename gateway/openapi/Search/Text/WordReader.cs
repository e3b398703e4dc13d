using System.Buffers;

namespace ToolRuntime.OpenApi.Search.Text;

/// <summary>
/// Reads the words of a text: runs of letters and digits, cut where camel case begins a word (<c>listV1PRFiles</c>: list, v1, pr, files). Markup
/// (<c>&lt;p&gt;</c>) and addresses (<c>https://…</c>) are passed over. Words come lower case; only ASCII letters and digits make words, other
/// letters are taken as they are.
/// </summary>
public ref struct WordReader
{
    /// <summary>Longest word that is read; what a longer run has beyond that is dropped.</summary>
    public const int LongestWord = 40;

    private static readonly SearchValues<char> s_addressEnds = SearchValues.Create(" \n\r\t)>\"");
    private readonly ReadOnlySpan<char> _text;
    private readonly Span<char> _buffer;
    private int _at;

    /// <summary>A reader of <paramref name="text"/>.</summary>
    /// <param name="text">What is read.</param>
    /// <param name="buffer">Where words are written, at least <see cref="LongestWord"/> long; the next word overwrites the last.</param>
    public WordReader(ReadOnlySpan<char> text, Span<char> buffer)
    {
        _text = text;
        _buffer = buffer;
        _at = 0;
        Word = default;
    }

    /// <summary>The word that was read last.</summary>
    public ReadOnlySpan<char> Word { get; private set; }

    /// <summary>Whether the word that was read last stood directly against the one before it, as in camel case.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>Reads the next word; false at the end.</summary>
    public bool Read()
    {
        var before = _at;
        while (_at < _text.Length && !char.IsLetterOrDigit(_text[_at]))
        {
            if (!SkipMarkup())
            {
                _at++;
            }
        }

        if (_at >= _text.Length)
        {
            return false;
        }

        if (SkipAddress())
        {
            return Read();
        }

        IsJoined = _at == before && before > 0;
        var start = _at++;
        while (_at < _text.Length && char.IsLetterOrDigit(_text[_at]) && !BeginsWord(_at))
        {
            _at++;
        }

        var length = Math.Min(_at - start, LongestWord);
        _text.Slice(start, length).ToLowerInvariant(_buffer);
        Word = _buffer[..length];
        return true;
    }

    private readonly bool BeginsWord(int at)
    {
        var (last, present) = (_text[at - 1], _text[at]);
        if (!char.IsUpper(present))
        {
            return false;
        }

        // APIs: the s of a plural in capitals begins no word.
        return !char.IsUpper(last) || (at + 1 < _text.Length && char.IsLower(_text[at + 1]) && !IsPlural(at + 1));
    }

    private readonly bool IsPlural(int at) => _text[at] == 's' && (at + 1 == _text.Length || !char.IsLower(_text[at + 1]));

    private bool SkipMarkup()
    {
        if (_text[_at] != '<' || _at + 1 >= _text.Length || !(char.IsAsciiLetter(_text[_at + 1]) || _text[_at + 1] == '/'))
        {
            return false;
        }

        var end = _text[_at..].IndexOf('>');
        if (end < 0)
        {
            return false;
        }

        _at += end + 1;
        return true;
    }

    private bool SkipAddress()
    {
        var rest = _text[_at..];
        if (!rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var end = rest.IndexOfAny(s_addressEnds);
        _at = end < 0 ? _text.Length : _at + end;
        return true;
    }
}
