using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Up;

/// <summary><c>toolrt status</c>.</summary>
internal static class StatusCommand
{
    public static void AddTo(RootCommand root)
    {
        var command = new Verb("status", "Says whether an instance runs and what it does: functions, queue depth, sandboxes.", "toolrt status --json");
        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, "/admin/status", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return ExitCodes.Done;
        }

        Console.Out.WriteLine($"running at {client.Server}");
        if (arguments.GetValue(InstanceArguments.Server) is null)
        {
            Console.Out.WriteLine($"{"token",-12} {InstanceArguments.Folder(arguments).TokenFile}");
        }

        foreach (var member in result.EnumerateObject())
        {
            Console.Out.WriteLine($"{member.Name,-12} {result.Text(member.Name)}");
        }

        return ExitCodes.Done;
    }
}
