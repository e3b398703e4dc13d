using System.CommandLine;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Init;

/// <summary><c>toolrt init</c>: a first function to start from.</summary>
internal static class InitCommand
{
    private static readonly Argument<string> s_language = new("language") { Description = "python, javascript, typescript, shell or csharp" };
    private static readonly Option<string> s_name = new("--name") { Description = "Name of the function and of its file", DefaultValueFactory = _ => "hello" };

    public static void AddTo(RootCommand root)
    {
        s_language.AcceptOnlyFromAmong([.. Templates.All.Keys]);
        var command = new Verb("init", "Writes a small function to start from into the present folder.", "toolrt init python --name weather && toolrt deploy weather.py") { s_language, s_name };
        command.SetAction(Run);
        root.Subcommands.Add(command);
    }

    private static int Run(ParseResult arguments)
    {
        var template = Templates.All[arguments.GetValue(s_language)!];
        var name = arguments.GetValue(s_name)!;
        if (!ToolRuntime.Functions.Names.IsFunction(name))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{name} cannot be a function's name", "a letter first, then at most 62 letters, digits, _ or -");
        }

        var path = name + template.Extension;
        if (File.Exists(path))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{path} exists already", "choose another with --name");
        }

        File.WriteAllText(path, template.Text.Replace("NAME", name.Replace('-', '_'), StringComparison.Ordinal));
        Console.Error.WriteLine($"wrote {path}; next:  toolrt deploy {path}");
        return ExitCodes.Done;
    }
}
