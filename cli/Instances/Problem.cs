using System.Text.Json;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Instances;

/// <summary>ProblemDetails (RFC 9457) as a command's failure.</summary>
internal static class Problem
{
    private const int Unauthorized = 401;
    private const string WhereTheTokenIs =
        "the token is in the file admin.token of the data folder on the machine where the instance runs ('toolrt status' there names it); copy it into a file of mode 0600 and give that with --key-file FILE";

    public static CommandFailedException Read(string text, int status)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var message = Text(root, "detail") ?? Text(root, "message") ?? Text(root, "title") ?? text;
            if (Text(root, "output") is { Length: > 0 } more)
            {
                message += Environment.NewLine + more;
            }

            return new CommandFailedException(ExitCodes.Refused, message, Text(root, "hint") ?? (status == Unauthorized ? WhereTheTokenIs : null)) { Status = status };
        }
        catch (JsonException)
        {
            return new CommandFailedException(ExitCodes.Refused, $"the server answered {status}: {text}") { Status = status };
        }
    }

    private static string? Text(JsonElement problem, string name) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
