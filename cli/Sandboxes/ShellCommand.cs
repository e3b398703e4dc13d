using System.CommandLine;
using System.Text.Json.Nodes;
using System.Threading.Channels;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary><c>toolrt sandbox shell</c>: a terminal inside on this terminal; every key goes in, sizes follow, the exit code comes out.</summary>
internal static class ShellCommand
{
    private static readonly Argument<string[]> s_command = new("command") { Description = "What to run on the terminal, after -- (default: a login shell)", Arity = ArgumentArity.ZeroOrMore };

    public static Command Make()
    {
        var shell = new Verb("shell",
            "Opens an interactive terminal in a sandbox; leaves it with 'exit' or Ctrl-D.",
            "toolrt sandbox shell ID",
            "toolrt sandbox shell ID --user root",
            "toolrt sandbox shell ID -- python3")
        { SandboxOptions.Id, s_command, SandboxOptions.User, SandboxOptions.Folder, SandboxOptions.Variables };
        shell.SetAction(RunAsync);
        return shell;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var link = await SandboxLink.OpenAsync(client, arguments.GetValue(SandboxOptions.Id)!, arguments.GetValue(SandboxOptions.User), cancellationToken);
        var environment = new JsonObject { ["TERM"] = Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } kind ? kind : "xterm-256color", ["LANG"] = "C.UTF-8" };
        foreach (var (name, value) in SandboxOptions.Pairs(arguments.GetValue(SandboxOptions.Variables), "--env", takesFromShell: true))
        {
            environment[name] = value!.DeepClone();
        }

        var command = arguments.GetValue(s_command) is { Length: > 0 } asked ? asked : ["/bin/bash", "-i", "-l"];
        var start = SandboxOptions.Start(arguments, command, environment);
        using var terminal = Terminal.OpenRaw();
        start["pty"] = new JsonObject { ["size"] = Terminal.Size() };
        await using var process = await SandboxProcess.StartAsync(link, start, cancellationToken);
        await using var output = Console.OpenStandardOutput();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var resizes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        terminal.OnResize(() => resizes.Writer.TryWrite(true));
        var sizing = ResizeAsync(process, resizes.Reader, ending.Token);

        // Not waited for: a read of a terminal cannot be called off, and ends with this process.
        _ = TypeAsync(process, ending.Token);
        try
        {
            return await process.FollowAsync(output, output, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await process.KillAsync();
            throw;
        }
        finally
        {
            await ending.CancelAsync();
            await sizing;
        }
    }

    private static async Task TypeAsync(SandboxProcess process, CancellationToken cancellationToken)
    {
        var keys = new byte[4096];
        await using var input = Terminal.Keys;
        try
        {
            while (await input.ReadAsync(keys, cancellationToken) is var read and > 0)
            {
                await process.InputAsync(keys.AsMemory(0, read), isTerminal: true, cancellationToken);
            }
        }
        catch (Exception error) when (error is CommandFailedException or OperationCanceledException or HttpRequestException)
        {
            // The shell has ended; the stream of its output says how.
            return;
        }
    }

    private static async Task ResizeAsync(SandboxProcess process, ChannelReader<bool> resizes, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in resizes.ReadAllAsync(cancellationToken))
            {
                await process.ResizeAsync(Terminal.Size(), cancellationToken);
            }
        }
        catch (Exception error) when (error is CommandFailedException or OperationCanceledException)
        {
            return;
        }
    }
}
