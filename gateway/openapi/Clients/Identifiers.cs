using System.Text;

using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>Names of documents as names in programs.</summary>
public static class Identifiers
{
    private const int LongestIdentifier = 80;

    // Keywords of Python 3, soft ones not among them, and what a method's own text uses.
    private static readonly HashSet<string> s_python = new(StringComparer.Ordinal)
    {
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from",
        "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "self",
    };

    /// <summary><paramref name="name"/> as words in lower case with underscores between; begins with a letter. <c>x</c> where nothing is left.</summary>
    public static string Snake(string name)
    {
        var text = new StringBuilder(string.Join('_', Words.Of(name).Select(w => new string([.. w.Where(char.IsAsciiLetterOrDigit)])).Where(w => w.Length > 0)));
        if (text.Length == 0)
        {
            return "x";
        }

        if (char.IsAsciiDigit(text[0]))
        {
            text.Insert(0, "x_");
        }

        return text.Length <= LongestIdentifier ? text.ToString() : text.ToString(0, LongestIdentifier).TrimEnd('_');
    }

    /// <summary><paramref name="snake"/> as a name in Python: with an underscore after it where it is a keyword.</summary>
    public static string Python(string snake) => s_python.Contains(snake) ? snake + "_" : snake;

    /// <summary><paramref name="snake"/> as a member in JavaScript: camel case, with an underscore where classes have such a member already.</summary>
    public static string JavaScript(string snake)
    {
        var pascal = Pascal(snake);
        var camel = char.ToLowerInvariant(pascal[0]) + pascal[1..];
        return camel is "constructor" or "prototype" ? camel + "_" : camel;
    }

    /// <summary><paramref name="snake"/> as the name of a class.</summary>
    public static string Pascal(string snake)
    {
        var text = new StringBuilder();
        foreach (var word in snake.Split('_', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append(char.ToUpperInvariant(word[0])).Append(word, 1, word.Length - 1);
        }

        return text.ToString();
    }

    /// <summary>What two names must differ in to stay apart in every language: letters and digits, without case.</summary>
    public static string Key(string snake) => snake.Replace("_", "", StringComparison.Ordinal);

    /// <summary>Names for <paramref name="names"/> that differ from one another: the later of two like ones gets a number.</summary>
    public static string[] Distinct(IReadOnlyList<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var distinct = new string[names.Count];
        for (var i = 0; i < distinct.Length; i++)
        {
            var name = Snake(names[i]);
            for (var number = 2; !seen.Add(Key(name)); number++)
            {
                name = $"{Snake(names[i])}_{number}";
            }

            distinct[i] = name;
        }

        return distinct;
    }
}
