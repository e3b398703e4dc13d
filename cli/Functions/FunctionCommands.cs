using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Functions;

/// <summary><c>toolrt rollback</c>.</summary>
internal static class RollbackCommand
{
    private static readonly Argument<string> s_name = new("function") { Description = "The function's name" };
    private static readonly Option<string?> s_to = new("--to") { Description = "Version to go back to, or its first characters (default: the one before)" };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("rollback", "Lets an earlier version of a function serve again.", "toolrt rollback add") { s_name, s_to };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = InstanceArguments.Connect(arguments);
            var name = arguments.GetValue(s_name)!;
            var path = DeployCommand.Query($"/admin/functions/{Uri.EscapeDataString(name)}/rollback", ("to", arguments.GetValue(s_to)));
            var result = await client.JsonAsync(HttpMethod.Post, path, null, cancellationToken);
            if (arguments.GetValue(InstanceArguments.Json))
            {
                Printer.Json(result);
            }
            else
            {
                Console.Out.WriteLine($"{name} is served by version {DeployCommand.Short(result.Text("version"))}");
            }

            return ExitCodes.Done;
        });
        root.Subcommands.Add(command);
    }
}
