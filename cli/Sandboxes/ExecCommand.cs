using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary><c>toolrt sandbox exec</c>: one command inside, its output here, its exit code as this command's.</summary>
internal static class ExecCommand
{
    private static readonly Argument<string[]> s_command = new("command") { Description = "Program and arguments, after --", Arity = ArgumentArity.OneOrMore };

    public static Command Make()
    {
        var exec = new Verb("exec",
            "Runs a command in a sandbox; output, exit code and piped input are the command's.",
            "toolrt sandbox exec ID -- python3 -c 'print(6*7)'",
            "toolrt sandbox exec ID -- sh -c 'cd /tmp && ls | wc -l'",
            "cat data.csv | toolrt sandbox exec ID -- wc -l",
            "toolrt sandbox exec ID --user root -- apt-get install -y jq")
        { SandboxOptions.Id, s_command, SandboxOptions.User, SandboxOptions.Folder, SandboxOptions.Variables };
        exec.SetAction(RunAsync);
        return exec;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var link = await SandboxLink.OpenAsync(client, arguments.GetValue(SandboxOptions.Id)!, arguments.GetValue(SandboxOptions.User), cancellationToken);
        var start = SandboxOptions.Start(arguments, arguments.GetValue(s_command)!, SandboxOptions.Pairs(arguments.GetValue(SandboxOptions.Variables), "--env", takesFromShell: true));
        var isFed = Console.IsInputRedirected;
        start["stdin"] = isFed;
        await using var process = await SandboxProcess.StartAsync(link, start, cancellationToken);
        await using var output = Console.OpenStandardOutput();
        await using var errors = Console.OpenStandardError();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (isFed)
        {
            // Not waited for: whoever holds the other end of the pipe may never close it.
            _ = process.FeedAsync(Console.OpenStandardInput(), ending.Token);
        }

        try
        {
            return await process.FollowAsync(output, errors, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // A client that leaves ends nothing inside, and here the user has asked for the end.
            await process.KillAsync();
            throw;
        }
        finally
        {
            await ending.CancelAsync();
        }
    }
}
