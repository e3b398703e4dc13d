using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Calls;

/// <summary><c>toolrt call</c>: one call, streamed to the terminal. Pieces and the result go to stdout, progress and logs to stderr.</summary>
internal static class CallCommand
{
    private static readonly Argument<string> s_tool = new("tool") { Description = "The tool's name" };
    private static readonly Argument<string> s_arguments = new("arguments") { Description = "Arguments: one JSON object, or - to read it from standard input", DefaultValueFactory = _ => "{}" };
    private static readonly Option<string?> s_session = new("--session") { Description = "Session to call in (default: a fresh one)" };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("call",
            "Calls a tool and prints its result as JSON.",
            "toolrt call add '{\"a\":1,\"b\":2}'",
            "cat big.json | toolrt call analyse -")
        { s_tool, s_arguments, s_session };
        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        using var body = new ByteArrayContent(await ReadArgumentsAsync(arguments.GetValue(s_arguments)!, cancellationToken))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        };
        var path = $"/v1/tools/{Uri.EscapeDataString(arguments.GetValue(s_tool)!)}";
        if (arguments.GetValue(s_session) is { } session)
        {
            path += $"?session={Uri.EscapeDataString(session)}";
        }

        var json = arguments.GetValue(InstanceArguments.Json);
        try
        {
            var events = new CallEvents(json);
            await foreach (var item in client.EventsAsync(HttpMethod.Post, path, body, cancellationToken))
            {
                if (events.Show(item) is { } exit)
                {
                    return exit;
                }
            }
        }
        catch (CommandFailedException refused) when (refused.ExitCode == ExitCodes.Refused)
        {
            // Refused before it ran: for a script that is a call that failed, like any other.
            throw new CommandFailedException(ExitCodes.ToolError, refused.Message, refused.Hint);
        }

        throw new CommandFailedException(ExitCodes.NotReached, "the server closed the stream before the call ended");
    }

    private static async Task<byte[]> ReadArgumentsAsync(string text, CancellationToken cancellationToken)
    {
        if (text == "-")
        {
            text = await Console.In.ReadToEndAsync(cancellationToken);
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Encoding.UTF8.GetBytes(text)
                : throw new CommandFailedException(ExitCodes.Usage, "the arguments must be one JSON object", """for example '{"a":1}'""");
        }
        catch (JsonException error)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"the arguments are not JSON: {error.Message}", """for example '{"a":1}'""");
        }
    }
}
