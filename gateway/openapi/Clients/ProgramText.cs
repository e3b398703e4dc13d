using System.Text;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>Words of a document as text in a program: nothing in them can end the comment or the string that they stand in.</summary>
internal static class ProgramText
{
    /// <summary>A string literal that Python and JavaScript both read: only printable ASCII, everything else escaped.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (letter is '"' or '\\')
            {
                quoted.Append('\\').Append(letter);
            }
            else if (letter is >= ' ' and <= '~')
            {
                quoted.Append(letter);
            }
            else
            {
                quoted.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>One line of a comment or docstring: without line ends, control characters, backslashes, quotes in threes and ends of comments.</summary>
    public static string Line(string text)
    {
        var line = new StringBuilder();
        foreach (var letter in text)
        {
            line.Append(letter switch
            {
                '\\' => '/',
                '"' => '\'',
                _ when char.IsControl(letter) || char.GetUnicodeCategory(letter) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.Surrogate => ' ',
                '\u2028' or '\u2029' => ' ',
                _ => letter,
            });
        }

        return line.Replace("*/", "* /").ToString().Trim();
    }
}
