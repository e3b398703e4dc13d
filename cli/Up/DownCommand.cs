using System.CommandLine;
using System.Diagnostics;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Up;

/// <summary><c>toolrt down</c>: ends the instance of a data folder, after its calls.</summary>
internal static class DownCommand
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("down", "Ends the instance: calls finish, sandboxes and the message server end, nothing is left over.", "toolrt down");
        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var folder = InstanceArguments.Folder(arguments);
        var running = folder.Running();
        if (running is null)
        {
            Console.Error.WriteLine($"no instance runs on {folder.Path}");
            return ExitCodes.Done;
        }

        using var process = Process.GetProcessById(running.Pid);
        Signals.Terminate(running.Pid);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_longest);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailedException(ExitCodes.Internal, $"process {running.Pid} has not ended within {s_longest.TotalSeconds:0} s", $"look at {folder.LogFile}");
        }

        Console.Error.WriteLine("ended");
        return ExitCodes.Done;
    }
}
