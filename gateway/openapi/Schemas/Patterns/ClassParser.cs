using System.Text;

namespace ToolRuntime.OpenApi.Schemas.Patterns;

/// <summary>One character class.</summary>
internal sealed class ClassParser(string pattern, StringBuilder result)
{
    public CharSet Parse(ref int at)
    {
        if (pattern.AsSpan(at).StartsWith("[[:") || pattern.IndexOf("[:", at + 1, StringComparison.Ordinal) is var posix and > 0 && pattern.IndexOf(":]", posix, StringComparison.Ordinal) > 0)
        {
            throw new PatternException("has a character class of another dialect");
        }

        result.Append('[');
        at++;
        var isNegated = at < pattern.Length && pattern[at] == '^';
        if (isNegated)
        {
            result.Append('^');
            at++;
        }

        var chars = CharSet.None;
        while (at < pattern.Length && pattern[at] != ']')
        {
            chars |= Member(ref at);
        }

        if (at >= pattern.Length)
        {
            throw new PatternException("has a character class that does not end");
        }

        result.Append(']');
        at++;
        return isNegated ? chars.Complement() : chars;
    }

    private CharSet Member(ref int at)
    {
        var (chars, from) = One(ref at);
        if (at + 1 >= pattern.Length || pattern[at] != '-' || pattern[at + 1] == ']')
        {
            return chars;
        }

        // A dash beside a class of characters is a dash: without the flag it may stand as it is, with it it may not.
        var dash = result.Length;
        at++;
        result.Append('-');
        var (more, to) = One(ref at);
        if (from < 0 || to < 0)
        {
            result.Insert(dash, '\\');
            return chars | more | CharSet.Range('-', '-');
        }

        return to >= from ? CharSet.Range(from, to) : throw new PatternException("has a range that is the wrong way round");
    }

    private (CharSet Chars, int One) One(ref int at)
    {
        if (pattern[at] == '\\')
        {
            return EscapeParser.Parse(pattern, ref at, result, isInClass: true);
        }

        if (!Rune.TryGetRuneAt(pattern, at, out var rune))
        {
            throw new PatternException("has half a character");
        }

        at += rune.Utf16SequenceLength;
        result.Append(rune.ToString());
        return (CharSet.Range(rune.Value, rune.Value), rune.Value);
    }
}
