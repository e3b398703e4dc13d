using System.Text;
using System.Text.RegularExpressions;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>
/// Regular expressions of ECMA-262 (which JSON Schema uses) on .NET's engine: what means something else there is rewritten. Linear-time
/// matching wherever the pattern allows it; else with a time limit. Characters outside the basic plane count as two in counted repeats.
/// </summary>
internal static class EcmaPattern
{
    private const int MaximumLength = 4096;
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(100);

    public static Regex Compile(string pattern, SchemaSource source, string keyword)
    {
        if (pattern.Length > MaximumLength)
        {
            throw source.Wrong(keyword, $"a regular expression of at most {MaximumLength} characters");
        }

        var translated = Translate(pattern);
        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_timeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(translated, RegexOptions.CultureInvariant, s_timeout);
        }
        catch (ArgumentException)
        {
            throw source.Wrong(keyword, $"a regular expression, which '{pattern}' is not");
        }
    }

    public static bool IsMatch(Regex regex, string text, SchemaRun run)
    {
        run.Spend(1 + (text.Length / 64));
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return run.Fail("takes too long to match against the schema's pattern");
        }
    }

    private static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                i += Escape(pattern, i + 1, inClass, result);
                continue;
            }

            inClass = c == '[' || (inClass && c != ']');
            result.Append(c switch
            {
                '$' when !inClass => @"\z",
                '.' when !inClass => @"[^\n\r\u2028\u2029]",
                '[' when inClass && i > 0 && IsInsideClass(pattern, i) => @"\[",
                _ => c.ToString(),
            });
        }

        return result.ToString();
    }

    /// <summary>Writes the escape whose letter stands at <paramref name="at"/>; returns how many characters after the backslash it took.</summary>
    private static int Escape(string pattern, int at, bool inClass, StringBuilder result)
    {
        var letter = pattern[at];
        if (letter == 'u' && at + 1 < pattern.Length && pattern[at + 1] == '{' && pattern.IndexOf('}', at) is var end and > 0
            && int.TryParse(pattern.AsSpan(at + 2, end - at - 2), System.Globalization.NumberStyles.HexNumber, null, out var point) && point <= 0x10FFFF)
        {
            result.Append(point is >= 0xD800 and <= 0xDFFF ? $@"\u{point:X4}" : Regex.Escape(char.ConvertFromUtf32(point)));
            return end - at + 1;
        }

        result.Append(letter switch
        {
            'd' => inClass ? "0-9" : "[0-9]",
            'w' => inClass ? "A-Za-z0-9_" : "[A-Za-z0-9_]",
            'D' when !inClass => "[^0-9]",
            'W' when !inClass => "[^A-Za-z0-9_]",
            's' when !inClass => @"[\s\uFEFF]",
            'S' when !inClass => @"[^\s\uFEFF]",
            _ => $@"\{letter}",
        });
        return 1;
    }

    private static bool IsInsideClass(string pattern, int at)
    {
        var inClass = false;
        for (var i = 0; i < at; i++)
        {
            if (pattern[i] == '\\')
            {
                i++;
                continue;
            }

            inClass = pattern[i] == '[' || (inClass && pattern[i] != ']');
        }

        return inClass;
    }
}
