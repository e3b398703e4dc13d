using System.Globalization;
using System.Text;

namespace ToolRuntime.OpenApi.Schemas.Patterns;

/// <summary>Reads a pattern by the grammar of ECMA-262 with the <c>u</c> flag, and writes it down again as it must be.</summary>
internal sealed class PatternParser(string pattern)
{
    private const int DeepestNesting = 50;
    private const int LargestBound = 10_000;
    private const int ManyTimes = 16;

    private readonly StringBuilder _result = new(pattern.Length + 8);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _at;
    private int _groups;
    private int _largestReference;
    private int _depth;

    public string Parse()
    {
        Disjunction();
        if (_at < pattern.Length)
        {
            throw new PatternException("has a bracket that closes nothing");
        }

        if (_largestReference > _groups)
        {
            throw new PatternException("refers to a group that is not there");
        }

        return _result.ToString();
    }

    private Shape Disjunction()
    {
        if (++_depth > DeepestNesting)
        {
            throw new PatternException("is nested too deep");
        }

        var shape = Alternative();
        while (Take('|'))
        {
            _result.Append('|');
            var next = Alternative();

            // Alternatives that can begin alike are as ambiguous, once repeated, as a repeat inside a repeat.
            var overlaps = shape.Chars.Meets(next.Chars) && ((shape.IsOneChar && next.IsOneChar) || shape.HasLoop || next.HasLoop);
            shape = new Shape(shape.Chars | next.Chars, shape.Loops | next.Loops | (overlaps ? shape.Chars | next.Chars : CharSet.None),
                shape.HasLoop || next.HasLoop || overlaps, (shape.IsGuarded || !shape.HasLoop) && (next.IsGuarded || !next.HasLoop) && !overlaps, shape.IsOneChar && next.IsOneChar, true);
        }

        _depth--;
        return shape;
    }

    private Shape Alternative()
    {
        var parts = new List<(Shape Shape, bool IsMandatory)>();
        while (_at < pattern.Length && pattern[_at] is not ('|' or ')'))
        {
            parts.Add(Term());
        }

        var loops = parts.Where(p => p.Shape.HasLoop).Aggregate(CharSet.None, (sum, p) => sum | p.Shape.Loops);
        var hasLoop = parts.Exists(p => p.Shape.HasLoop);
        return new Shape(
            parts.Aggregate(CharSet.None, (sum, p) => sum | p.Shape.Chars),
            loops,
            hasLoop,
            hasLoop && parts.Exists(p => p is { IsMandatory: true, Shape.IsOneChar: true } && !p.Shape.Chars.Meets(loops)),
            parts.Count == 1 && parts[0] is { IsMandatory: true, Shape.IsOneChar: true },
            true);
    }

    private (Shape Shape, bool IsMandatory) Term()
    {
        var shape = Atom();
        var start = _at;
        if (Quantifier() is not { } bounds)
        {
            return (shape, shape.IsRepeatable);
        }

        if (!shape.IsRepeatable)
        {
            throw new PatternException("repeats what cannot be repeated");
        }

        _result.Append(pattern, start, _at - start);
        var (fewest, most) = bounds;
        if (most > ManyTimes && shape.HasLoop && !shape.IsGuarded)
        {
            throw new PatternException("can take exponential time to match");
        }

        return most > ManyTimes
            ? (new Shape(shape.Chars, shape.Chars, true, shape.IsGuarded, false, true), fewest > 0)
            : (shape with { IsOneChar = shape.IsOneChar && fewest == 1 && most == 1 }, fewest > 0);
    }

    private Shape Atom()
    {
        var c = pattern[_at];
        switch (c)
        {
            case '^' or '$':
                _at++;
                _result.Append(c);
                return Shape.Assertion;
            case '.':
                _at++;
                _result.Append(c);
                return Shape.One(CharSet.All);
            case '(':
                return Group();
            case '[':
                return Shape.One(new ClassParser(pattern, _result).Parse(ref _at));
            case '\\':
                return Escaped();
            case '*' or '+' or '?':
                throw new PatternException("repeats nothing");
            case '{' or '}' or ']':
                _at++;
                _result.Append('\\').Append(c);
                return Shape.One(CharSet.Range(c, c));
            default:
                var rune = Rune.TryGetRuneAt(pattern, _at, out var whole) ? whole : throw new PatternException("has half a character");
                _at += rune.Utf16SequenceLength;
                _result.Append(rune.ToString());
                return Shape.One(CharSet.Range(rune.Value, rune.Value));
        }
    }

    private Shape Escaped()
    {
        if (_at + 1 >= pattern.Length)
        {
            throw new PatternException("ends in a backslash");
        }

        var next = pattern[_at + 1];
        if (next is 'b' or 'B')
        {
            _result.Append('\\').Append(next);
            _at += 2;
            return Shape.Assertion;
        }

        if (next is >= '1' and <= '9')
        {
            var end = _at + 1;
            while (end < pattern.Length && char.IsAsciiDigit(pattern[end]) && end < _at + 4)
            {
                end++;
            }

            _largestReference = Math.Max(_largestReference, int.Parse(pattern.AsSpan(_at + 1, end - _at - 1), CultureInfo.InvariantCulture));
            _result.Append(pattern, _at, end - _at);
            _at = end;

            // What a reference matches is not known here: taken for anything, any number of times.
            return new Shape(CharSet.All, CharSet.All, true, false, false, true);
        }

        return Shape.One(EscapeParser.Parse(pattern, ref _at, _result, isInClass: false).Chars);
    }

    private Shape Group()
    {
        var isAssertion = false;
        if (At("(?:"))
        {
            Copy(3);
        }
        else if (At("(?=") || At("(?!"))
        {
            isAssertion = true;
            Copy(3);
        }
        else if (At("(?<=") || At("(?<!"))
        {
            isAssertion = true;
            Copy(4);
        }
        else if (At("(?<"))
        {
            Name();
        }
        else if (At("(?") || At("(*"))
        {
            throw new PatternException("has a group that ECMA-262 does not know");
        }
        else
        {
            _groups++;
            Copy(1);
        }

        var shape = Disjunction();
        if (!Take(')'))
        {
            throw new PatternException("has a group that does not end");
        }

        _result.Append(')');
        return isAssertion ? Shape.Assertion : shape with { IsRepeatable = true };
    }

    private void Name()
    {
        var end = pattern.IndexOf('>', _at);
        var name = end < 0 ? "" : pattern[(_at + 3)..end];
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(name[0]) || !_names.Add(name))
        {
            throw new PatternException("has a group whose name is none");
        }

        _groups++;
        Copy(end + 1 - _at);
    }

    /// <summary>The bounds of the quantifier here, or null where there is none.</summary>
    private (int Fewest, int Most)? Quantifier()
    {
        if (_at >= pattern.Length)
        {
            return null;
        }

        (int, int)? bounds = pattern[_at] switch
        {
            '*' => (0, int.MaxValue),
            '+' => (1, int.MaxValue),
            '?' => (0, 1),
            '{' => Counted(),
            _ => null,
        };
        if (bounds is null)
        {
            return null;
        }

        _at = pattern[_at] == '{' ? pattern.IndexOf('}', _at) + 1 : _at + 1;
        Take('?');
        return bounds;
    }

    private (int Fewest, int Most)? Counted()
    {
        var end = pattern.IndexOf('}', _at);
        var text = end < 0 ? "" : pattern[(_at + 1)..end];
        if (text.Length == 0 || text.Length > 20 || !text.All(c => char.IsAsciiDigit(c) || c == ',') || text.Count(c => c == ',') > 1)
        {
            return null;
        }

        var parts = text.Split(',');
        if (!int.TryParse(parts[0], out var fewest) || fewest > LargestBound)
        {
            throw new PatternException("has a repeat without a lower bound, or too large a one");
        }

        var most = parts.Length == 1 ? fewest : parts[1].Length == 0 ? int.MaxValue : int.TryParse(parts[1], out var given) ? given : -1;
        return most >= fewest ? (fewest, most) : throw new PatternException("has a repeat whose bounds are the wrong way round");
    }

    private bool At(string text) => string.CompareOrdinal(pattern, _at, text, 0, text.Length) == 0;

    private void Copy(int count)
    {
        _result.Append(pattern, _at, count);
        _at += count;
    }

    private bool Take(char c)
    {
        if (_at < pattern.Length && pattern[_at] == c)
        {
            _at++;
            return true;
        }

        return false;
    }
}
