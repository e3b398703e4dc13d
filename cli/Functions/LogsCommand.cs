using System.CommandLine;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Functions;

/// <summary><c>toolrt logs</c>: what a function printed.</summary>
internal static class LogsCommand
{
    private static readonly Argument<string> s_name = new("function") { Description = "The function's name" };
    private static readonly Option<bool> s_follow = new("--follow", "-f") { Description = "Go on with what comes" };
    private static readonly Option<int> s_tail = new("--tail", "-n") { Description = "How many lines to begin with", DefaultValueFactory = _ => 100 };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("logs", "Shows what a function printed to stdout and stderr, and its logs.", "toolrt logs -f add") { s_name, s_follow, s_tail };
        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var name = Uri.EscapeDataString(arguments.GetValue(s_name)!);
        var path = DeployCommand.Query($"/admin/functions/{name}/logs",
            ("tail", arguments.GetValue(s_tail).ToString()), ("follow", arguments.GetValue(s_follow) ? "true" : null));
        var raw = arguments.GetValue(InstanceArguments.Json);
        await foreach (var item in client.EventsAsync(HttpMethod.Get, path, null, cancellationToken))
        {
            if (raw)
            {
                Console.Out.WriteLine(item.Data);
                continue;
            }

            using var line = JsonDocument.Parse(item.Data);
            var root = line.RootElement;
            Console.Out.WriteLine($"{root.Text("at")} {root.Text("stream"),-6} {root.Text("text")}");
        }

        return ExitCodes.Done;
    }
}
