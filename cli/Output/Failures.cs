using ToolRuntime.Sandbox;

namespace ToolRuntime.Cli.Output;

/// <summary>The one place where failures become messages and exit codes.</summary>
internal static class Failures
{
    private const int Interrupted = 130;

    public static async Task<int> GuardAsync(this Task<int> command)
    {
        try
        {
            return await command;
        }
        catch (CommandFailedException failure)
        {
            await Console.Error.WriteLineAsync($"toolrt: {failure.Message}");
            if (failure.Hint is not null)
            {
                await Console.Error.WriteLineAsync($"        {failure.Hint}");
            }

            return failure.ExitCode;
        }
        catch (SandboxSetupException failure)
        {
            await Console.Error.WriteLineAsync($"toolrt: {failure.Problem}{Environment.NewLine}        {failure.Hint}");
            return ExitCodes.MachineLacks;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception failure)
        {
            // The rim of the command line: a script must be able to tell a bug of ours from everything else.
            await Console.Error.WriteLineAsync($"toolrt: a bug of ours: {failure.GetType().Name}: {failure.Message}{Environment.NewLine}        please report it with what follows{Environment.NewLine}{failure.StackTrace}");
            return ExitCodes.Internal;
        }
    }
}
