using System.Text;

using ToolRuntime.OpenApi.Search.Toolset;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>One page of a listing.</summary>
/// <param name="Text">One line for each method.</param>
/// <param name="Next">Number of the method that the next page begins with, or null at the end.</param>
public sealed record ClientPage(string Text, int? Next);

/// <summary>
/// Methods as a model reads them before it writes a script: <c>issues.create(owner: str, repo: str, title: str, body?: str)  # Create an issue</c>.
/// </summary>
public static class ClientListing
{
    private const int LongestSummary = 72;

    /// <summary>Writes methods from <paramref name="start"/> on until the next one would take the page over <paramref name="budget"/> bytes; at least one.</summary>
    /// <param name="methods">The methods to list: all, those of a group, or those that a search found.</param>
    /// <param name="language">In whose notation.</param>
    /// <param name="start">Number of the first, from 0.</param>
    /// <param name="budget">Most bytes of the page (a token is about four).</param>
    public static ClientPage Write(IReadOnlyList<ClientMethod> methods, ScriptLanguage language, int start, int budget)
    {
        var text = new StringBuilder();
        var left = budget;
        for (var at = start; at < methods.Count; at++)
        {
            var line = Line(methods[at], language);
            left -= Encoding.UTF8.GetByteCount(line);
            if (left < 0 && at > start)
            {
                return new ClientPage(text.ToString(), at);
            }

            text.Append(line);
        }

        return new ClientPage(text.ToString(), null);
    }

    private static string Line(ClientMethod method, ScriptLanguage language)
    {
        var arguments = MethodArgument.Of(method.Tool);
        var summary = ProgramText.Line(ToolsetAnswers.Summary(method.Tool));
        summary = summary.Length <= LongestSummary ? summary : summary[..(LongestSummary - 1)] + "…";
        return language == ScriptLanguage.Python
            ? $"{Identifiers.Python(method.Group)}.{Identifiers.Python(method.Name)}({string.Join(", ", arguments.Select(Argument))})  # {summary}\n"
            : $"{Identifiers.JavaScript(method.Group)}.{Identifiers.JavaScript(method.Name)}({{{JavaScriptClient.Members(arguments)}}})  // {summary}\n";
    }

    private static string Argument(MethodArgument argument) =>
        $"{Identifiers.Python(argument.Name)}{(argument.IsRequired ? "" : "?")}: {PythonTypes.Plain(argument.Shape)}";
}
