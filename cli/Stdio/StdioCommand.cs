using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Stdio;

/// <summary><c>toolrt stdio</c>: a bridge for MCP clients that only speak stdio.</summary>
internal static class StdioCommand
{
    public static void AddTo(RootCommand root)
    {
        var command = new Verb("stdio",
            "Speaks MCP on standard input and output, for clients that only start programs, and passes every message to a running instance.",
            "{ \"command\": \"toolrt\", \"args\": [\"stdio\"] }");
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = InstanceArguments.Connect(arguments);
            using var bridge = new StdioBridge(client, Console.OpenStandardOutput());
            using var input = new StreamReader(Console.OpenStandardInput());
            await bridge.RunAsync(input, cancellationToken);
            return ExitCodes.Done;
        });
        root.Subcommands.Add(command);
    }
}
