using System.CommandLine;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Init;

/// <summary><c>toolrt completion</c>: prints a script for the shell; words come from the command itself by the <c>[suggest]</c> directive.</summary>
internal static class CompletionCommand
{
    private static readonly Argument<string> s_shell = new("shell") { Description = "bash, zsh or fish" };

    public static void AddTo(RootCommand root)
    {
        s_shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Verb("completion", "Prints shell completion.", "source <(toolrt completion bash)") { s_shell };
        command.SetAction(arguments =>
        {
            Console.Out.Write(Scripts[arguments.GetValue(s_shell)!]);
            return ExitCodes.Done;
        });
        root.Subcommands.Add(command);
    }

    private static IReadOnlyDictionary<string, string> Scripts { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bash"] = """
            _toolrt() {
              local IFS=$'\n'
              COMPREPLY=($("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
            }
            complete -o default -F _toolrt toolrt ./toolrt

            """,
        ["zsh"] = """
            _toolrt() {
              local -a words_found
              words_found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
              compadd -- "${words_found[@]}"
            }
            compdef _toolrt toolrt

            """,
        ["fish"] = """
            complete -c toolrt -f -a '(toolrt "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'

            """,
    };
}
