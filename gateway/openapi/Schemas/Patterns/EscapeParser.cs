using System.Globalization;
using System.Text;

namespace ToolRuntime.OpenApi.Schemas.Patterns;

/// <summary>One escape that stands for characters.</summary>
internal static class EscapeParser
{
    private const string Syntax = "^$\\.*+?()[]{}|/";
    private static readonly HashSet<string> s_properties = new(
        ("L Lu Ll Lt LC Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cs Co Letter Number Punctuation Symbol Separator Other Mark "
            + "Alphabetic ASCII Any Emoji White_Space Uppercase Lowercase Uppercase_Letter Lowercase_Letter Decimal_Number "
            + "Script=Latin Script=Greek Script=Cyrillic Script=Han Script=Hiragana Script=Katakana Script=Arabic Script=Hebrew Script=Thai Script=Hangul").Split(' '),
        StringComparer.Ordinal);

    /// <summary>What the escape at <paramref name="at"/> takes; its character where it is exactly one, else -1.</summary>
    public static (CharSet Chars, int One) Parse(string pattern, ref int at, StringBuilder result, bool isInClass)
    {
        if (at + 1 >= pattern.Length)
        {
            throw new PatternException("ends in a backslash");
        }

        var letter = pattern[at + 1];
        switch (letter)
        {
            case 'd' or 'D' or 'w' or 'W' or 's' or 'S':
                Copy(pattern, ref at, 2, result);
                return (Class(letter), -1);
            case 't' or 'n' or 'v' or 'f' or 'r':
                Copy(pattern, ref at, 2, result);
                return Single("\t\n\v\f\r"["tnvfr".IndexOf(letter, StringComparison.Ordinal)]);
            case '0' when at + 2 >= pattern.Length || !char.IsAsciiDigit(pattern[at + 2]):
                Copy(pattern, ref at, 2, result);
                return Single(0);
            case 'b' when isInClass:
                Copy(pattern, ref at, 2, result);
                return Single(8);
            case 'x':
                return Hexadecimal(pattern, ref at, 2, result);
            case 'u':
                return Unicode(pattern, ref at, result);
            case 'p' or 'P':
                return Property(pattern, ref at, result);
            default:
                return Identity(pattern, ref at, result, isInClass);
        }
    }

    private static CharSet Class(char letter) => letter switch
    {
        'd' => CharSet.Digits,
        'w' => CharSet.Word,
        's' => CharSet.Space,
        'D' => CharSet.Digits.Complement(),
        'W' => CharSet.Word.Complement(),
        _ => CharSet.Space.Complement(),
    };

    /// <summary>A character that stands for itself: only those that mean something may be escaped, the others lose their backslash.</summary>
    private static (CharSet, int) Identity(string pattern, ref int at, StringBuilder result, bool isInClass)
    {
        var letter = pattern[at + 1];
        if (char.IsAsciiLetterOrDigit(letter) || char.IsSurrogate(letter))
        {
            throw new PatternException($"has an escape that ECMA-262 does not know: '\\{letter}'");
        }

        at += 2;
        result.Append(Syntax.Contains(letter, StringComparison.Ordinal) || (isInClass && letter == '-') ? "\\" : "").Append(letter);
        return Single(letter);
    }

    private static (CharSet, int) Hexadecimal(string pattern, ref int at, int digits, StringBuilder result)
    {
        if (at + 2 + digits > pattern.Length || !int.TryParse(pattern.AsSpan(at + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            throw new PatternException("has an escape without its digits");
        }

        Copy(pattern, ref at, 2 + digits, result);
        return Single(code);
    }

    private static (CharSet, int) Unicode(string pattern, ref int at, StringBuilder result)
    {
        if (at + 2 >= pattern.Length || pattern[at + 2] != '{')
        {
            return Hexadecimal(pattern, ref at, 4, result);
        }

        var end = pattern.IndexOf('}', at);
        if (end < 0 || end - at > 12 || !int.TryParse(pattern.AsSpan(at + 3, end - at - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code is < 0 or > 0x10FFFF)
        {
            throw new PatternException("has an escape without its digits");
        }

        Copy(pattern, ref at, end + 1 - at, result);
        return Single(code);
    }

    private static (CharSet, int) Property(string pattern, ref int at, StringBuilder result)
    {
        var end = at + 2 < pattern.Length && pattern[at + 2] == '{' ? pattern.IndexOf('}', at) : -1;
        if (end < 0 || !s_properties.Contains(pattern[(at + 3)..end]))
        {
            throw new PatternException("names a kind of characters that ECMA-262 does not know");
        }

        Copy(pattern, ref at, end + 1 - at, result);
        return (CharSet.All, -1);
    }

    private static (CharSet, int) Single(int code) => (CharSet.Range(code, code), code);

    private static void Copy(string pattern, ref int at, int count, StringBuilder result)
    {
        result.Append(pattern, at, count);
        at += count;
    }
}
