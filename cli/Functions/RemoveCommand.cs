using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Functions;

/// <summary><c>toolrt rm</c>.</summary>
internal static class RemoveCommand
{
    private static readonly Argument<string[]> s_names = new("functions") { Description = "Names of functions", Arity = ArgumentArity.OneOrMore };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("rm", "Removes functions and their tools. Calls that run end as they would.", "toolrt rm add") { s_names };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = InstanceArguments.Connect(arguments);
            foreach (var name in arguments.GetValue(s_names)!)
            {
                await client.JsonAsync(HttpMethod.Delete, $"/admin/functions/{Uri.EscapeDataString(name)}", null, cancellationToken);
                Console.Error.WriteLine($"removed {name}");
            }

            return ExitCodes.Done;
        });
        root.Subcommands.Add(command);
    }
}
