using System.Text.Json;

namespace ToolRuntime.OpenApi.Queries;

/// <summary>Cuts a query into tokens.</summary>
internal sealed class QueryLexer(string text)
{
    private static readonly string[] s_symbols =
        ["||", "&&", "==", "!=", "<=", ">=", "[?", "[]", ".", "[", "]", "{", "}", "(", ")", ",", ":", "*", "@", "|", "&", "!", "<", ">"];

    private int _at;

    /// <summary>All tokens, <c>end</c> last.</summary>
    public List<QueryToken> Read()
    {
        var tokens = new List<QueryToken>();
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at]))
            {
                _at++;
                continue;
            }

            tokens.Add(Next());
        }

        tokens.Add(new("end", "", text.Length));
        return tokens;
    }

    private QueryToken Next()
    {
        var (start, c) = (_at, text[_at]);
        if (char.IsAsciiLetter(c) || c == '_')
        {
            return new("name", While(x => char.IsAsciiLetterOrDigit(x) || x == '_'), start);
        }

        if (char.IsAsciiDigit(c) || (c == '-' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])))
        {
            _at++;
            return new("number", c + While(char.IsAsciiDigit), start);
        }

        return c switch
        {
            '"' => new("name", Quoted(start), start),
            '\'' => new("raw", Delimited('\'').Replace("\\'", "'", StringComparison.Ordinal), start),
            '`' => new("json", Delimited('`').Replace("\\`", "`", StringComparison.Ordinal), start),
            _ => Symbol(start),
        };
    }

    private QueryToken Symbol(int start)
    {
        var symbol = s_symbols.FirstOrDefault(s => string.CompareOrdinal(text, start, s, 0, s.Length) == 0)
            ?? throw QueryRun.Fault($"has an unknown character at {start}");
        _at += symbol.Length;
        return new(symbol, symbol, start);
    }

    private string While(Func<char, bool> isPart)
    {
        var start = _at;
        while (_at < text.Length && isPart(text[_at]))
        {
            _at++;
        }

        return text[start.._at];
    }

    private string Quoted(int start)
    {
        var inner = Delimited('"');
        try
        {
            return JsonSerializer.Deserialize<string>($"\"{inner}\"")!;
        }
        catch (JsonException)
        {
            throw QueryRun.Fault($"has a quoted name at {start} that is no JSON string");
        }
    }

    private string Delimited(char end)
    {
        var start = ++_at;
        while (_at < text.Length && text[_at] != end)
        {
            _at += text[_at] == '\\' ? 2 : 1;
        }

        if (_at >= text.Length)
        {
            throw QueryRun.Fault($"has no end for the {end} at {start - 1}");
        }

        return text[start.._at++];
    }
}
