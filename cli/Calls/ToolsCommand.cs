using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Calls;

/// <summary><c>toolrt tools</c>: what may be called.</summary>
internal static class ToolsCommand
{
    private static readonly Argument<string?> s_name = new("tool") { Description = "Show one tool with its schemas", Arity = ArgumentArity.ZeroOrOne };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("tools", "Lists the tools that may be called, or shows one.", "toolrt tools", "toolrt tools add --json") { s_name };
        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, "/v1/tools", null, cancellationToken);
        if (arguments.GetValue(s_name) is { } name)
        {
            var tool = result.Items("tools").FirstOrDefault(t => t.Text("name") == name);
            if (tool.ValueKind == System.Text.Json.JsonValueKind.Undefined)
            {
                throw new CommandFailedException(ExitCodes.Refused, $"there is no tool {name}", "'toolrt tools' lists them");
            }

            Printer.Json(tool);
            return ExitCodes.Done;
        }

        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return ExitCodes.Done;
        }

        Printer.Table(["tool", "description"], result.Items("tools").Select(t => (IReadOnlyList<string>)[t.Text("name"), t.Text("description").Split('\n', 2)[0]]));
        return ExitCodes.Done;
    }
}
