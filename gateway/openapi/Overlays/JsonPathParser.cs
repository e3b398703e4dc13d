using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Overlays;

/// <summary>Reads JSONPath.</summary>
internal sealed class JsonPathParser(string text)
{
    private const int DeepestNesting = 32;
    private static readonly string[] s_signs = ["==", "!=", "<=", ">=", "<", ">"];
    private int _at;
    private int _depth;

    public JsonPath Whole()
    {
        Space();
        Expect("$");
        var path = Segments();
        Space();
        return _at == text.Length ? path : throw Wrong("something else follows");
    }

    private JsonPath Segments()
    {
        var segments = new List<PathSegment>();
        while (_at < text.Length)
        {
            if (Take(".."))
            {
                segments.Add(new PathSegment(true, At('[') ? Bracketed() : [Shorthand()]));
            }
            else if (Take("."))
            {
                segments.Add(new PathSegment(false, [Shorthand()]));
            }
            else if (At('['))
            {
                segments.Add(new PathSegment(false, Bracketed()));
            }
            else
            {
                break;
            }
        }

        return new JsonPath(segments);
    }

    private PathSelector Shorthand()
    {
        if (Take("*"))
        {
            return new PathSelector.Every();
        }

        var start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '-' or > '\u007f'))
        {
            _at++;
        }

        return _at > start ? new PathSelector.Named(text[start.._at]) : throw Wrong("a name is missing");
    }

    private List<PathSelector> Bracketed()
    {
        Expect("[");
        var selectors = new List<PathSelector>();
        do
        {
            Space();
            selectors.Add(Selector());
            Space();
        }
        while (Take(","));
        Expect("]");
        return selectors;
    }

    private PathSelector Selector()
    {
        if (Take("*"))
        {
            return new PathSelector.Every();
        }

        if (At('\'') || At('"'))
        {
            return new PathSelector.Named(Quoted());
        }

        if (Take("?"))
        {
            Space();
            return new PathSelector.Filtered(Either());
        }

        var from = Integer();
        if (!Take(":"))
        {
            return new PathSelector.Indexed(from ?? throw Wrong("a name, index, slice or filter is missing"));
        }

        var to = Integer();
        return new PathSelector.Sliced(from, to, Take(":") ? Integer() ?? 1 : 1);
    }

    private PathCondition Either()
    {
        if (++_depth > DeepestNesting)
        {
            throw Wrong("the filter is nested too deep");
        }

        var condition = Both();
        for (Space(); Take("||"); Space())
        {
            condition = new PathCondition.Either(condition, Both());
        }

        _depth--;
        return condition;
    }

    private PathCondition Both()
    {
        var condition = Basic();
        for (Space(); Take("&&"); Space())
        {
            condition = new PathCondition.Both(condition, Basic());
        }

        return condition;
    }

    private PathCondition Basic()
    {
        Space();
        if (At('!') && !At("!="))
        {
            _at++;
            _depth++;
            return _depth > DeepestNesting ? throw Wrong("the filter is nested too deep") : new PathCondition.Not(Basic());
        }

        if (Take("("))
        {
            var inner = Either();
            Space();
            Expect(")");
            return inner;
        }

        if (Take("match(") || At("search("))
        {
            return Pattern(isWhole: !Take("search("));
        }

        var first = Operand();
        Space();
        foreach (var sign in s_signs)
        {
            if (Take(sign))
            {
                Space();
                return new PathCondition.Compared(first, sign, Operand());
            }
        }

        return first is PathOperand.Query ? new PathCondition.Exists(first) : throw Wrong("a comparison is missing");
    }

    private PathCondition.Matches Pattern(bool isWhole)
    {
        Space();
        var operand = Operand();
        Space();
        Expect(",");
        Space();
        var pattern = Quoted();
        Space();
        Expect(")");
        return new PathCondition.Matches(operand, pattern, isWhole);
    }

    private PathOperand Operand()
    {
        if (Take("@"))
        {
            return new PathOperand.Query(Segments(), isFromRoot: false);
        }

        if (Take("$"))
        {
            return new PathOperand.Query(Segments(), isFromRoot: true);
        }

        if (Take("length("))
        {
            Space();
            var inner = Operand();
            Space();
            Expect(")");
            return new PathOperand.Length(inner);
        }

        return new PathOperand.Literal(At('\'') || At('"') ? JsonValue.Create(Quoted()) : Word());
    }

    private JsonNode? Word()
    {
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '-' or '+' or '.'))
        {
            _at++;
        }

        try
        {
            return JsonNode.Parse(text[start.._at]);
        }
        catch (JsonException)
        {
            throw Wrong("a value is missing");
        }
    }

    private string Quoted()
    {
        var quote = _at < text.Length && text[_at] is '\'' or '"' ? text[_at++] : throw Wrong("a text is missing");
        var result = new StringBuilder();
        while (_at < text.Length && text[_at] != quote)
        {
            result.Append(text[_at] == '\\' ? Escaped() : text[_at++]);
        }

        Expect(quote.ToString());
        return result.ToString();
    }

    private char Escaped()
    {
        _at += 2;
        var letter = _at <= text.Length ? text[_at - 1] : throw Wrong("a text does not end");
        if (letter != 'u')
        {
            return letter switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => letter };
        }

        if (_at + 4 > text.Length || !ushort.TryParse(text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            throw Wrong("an escape has not its digits");
        }

        _at += 4;
        return (char)code;
    }

    private int? Integer()
    {
        Space();
        var start = _at;
        _at += At('-') ? 1 : 0;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
        {
            _at++;
        }

        if (_at == start)
        {
            return null;
        }

        var value = int.TryParse(text.AsSpan(start, _at - start), CultureInfo.InvariantCulture, out var number) ? number : throw Wrong("an index is no number");
        Space();
        return value;
    }

    private void Space()
    {
        while (_at < text.Length && text[_at] is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }

    private bool At(char c) => _at < text.Length && text[_at] == c;

    private bool At(string word) => string.CompareOrdinal(text, _at, word, 0, word.Length) == 0;

    private bool Take(string word)
    {
        if (At(word))
        {
            _at += word.Length;
            return true;
        }

        return false;
    }

    private void Expect(string word)
    {
        if (!Take(word))
        {
            throw Wrong($"'{word}' is missing");
        }
    }

    private JsonPathException Wrong(string what) => new($"the path '{text}' is none: {what} at character {_at + 1}");
}
