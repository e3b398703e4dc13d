using System.Text;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Functions;

/// <summary>Splits a command line into words as a shell would, without running or expanding anything.</summary>
internal static class CommandLine
{
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        var started = false;
        foreach (var c in line)
        {
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : Append(word, c, quote);
            }
            else if (c is '\'' or '"')
            {
                (quote, started) = (c, true);
            }
            else if (char.IsWhiteSpace(c))
            {
                started = Flush(words, word, started);
            }
            else
            {
                word.Append(c);
                started = true;
            }
        }

        if (quote != '\0')
        {
            throw new CommandFailedException(ExitCodes.Usage, $"the quote {quote} is not closed in: {line}");
        }

        Flush(words, word, started);
        return words.Count > 0 ? words : throw new CommandFailedException(ExitCodes.Usage, "the command line is empty");
    }

    private static char Append(StringBuilder word, char c, char quote)
    {
        word.Append(c);
        return quote;
    }

    private static bool Flush(List<string> words, StringBuilder word, bool started)
    {
        if (started)
        {
            words.Add(word.ToString());
            word.Clear();
        }

        return false;
    }
}
