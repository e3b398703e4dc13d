using Spectre.Console;

namespace ToolRuntime.Cli.Output;

/// <summary>Shows the steps of a long command: a spinner on a terminal, plain lines otherwise. Everything goes to stderr; results go to stdout.</summary>
internal sealed class Steps : IProgress<string>
{
    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private StatusContext? _status;
    private string _last = "";

    private static bool IsTerminal => !Console.IsErrorRedirected;

    /// <summary>Runs <paramref name="work"/> while its reports are shown.</summary>
    public async Task RunAsync(Func<Task> work)
    {
        if (!IsTerminal)
        {
            await work();
            return;
        }

        await _console.Status().StartAsync("starting", async context =>
        {
            _status = context;
            await work();
            _status = null;
        });
    }

    /// <inheritdoc/>
    public void Report(string value)
    {
        lock (_lock)
        {
            if (value == _last)
            {
                return;
            }

            _last = value;
            if (_status is { } status)
            {
                status.Status = Markup.Escape(value);
            }
            else
            {
                Console.Error.WriteLine(value);
            }
        }
    }
}
