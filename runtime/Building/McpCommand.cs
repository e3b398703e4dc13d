namespace ToolRuntime.Runtime.Building;

/// <summary>The command line of an MCP server: what it installs and what it runs.</summary>
/// <param name="Package">npm package specification to install at deploy, or null.</param>
/// <param name="Arguments">Program and arguments; with a package, the arguments of its program only.</param>
/// <param name="Program">The package's program where the command names one, or null.</param>
internal sealed record McpCommand(string? Package, IReadOnlyList<string> Arguments, string? Program)
{
    private static readonly string[] s_runners = ["npx", "npm", "bunx", "pnpm"];

    /// <summary>The package's name without its version.</summary>
    public string? PackageName => Package is null ? null : NameWithoutVersion(Package);

    /// <summary>Reads <c>npx [-y] [-p pkg] name[@version] args…</c>, or any other program with its arguments.</summary>
    /// <exception cref="Functions.FunctionFaultException">DeployRefused.</exception>
    public static McpCommand Parse(IReadOnlyList<string> command)
    {
        if (command.Count == 0 || command[0].Length == 0)
        {
            throw BuildFailure.Refused("the command of the MCP server is empty", "give a program, such as: npx -y @modelcontextprotocol/server-everything");
        }

        return Path.GetFileName(command[0]) == "npx" ? ParseNpx(command) : ParsePlain(command);
    }

    /// <summary>A function's name for the command: the last part of the package's or program's name.</summary>
    public static string NameOf(IReadOnlyList<string> command)
    {
        var word = (command is ["npx", ..] ? command.Skip(1).FirstOrDefault(w => !w.StartsWith('-')) : null) ?? (command.Count > 0 ? command[0] : "");
        var stem = Path.GetFileNameWithoutExtension(NameWithoutVersion(word).Split('/')[^1]);
        return string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
    }

    private static McpCommand ParsePlain(IReadOnlyList<string> command) => s_runners.Contains(Path.GetFileName(command[0]), StringComparer.Ordinal)
        ? throw BuildFailure.Refused($"{command[0]} would install packages while the server starts, and a sandbox has no network", "use npx -y <package>: it is installed at deploy")
        : new McpCommand(null, command, null);

    private static McpCommand ParseNpx(IReadOnlyList<string> command)
    {
        string? package = null;
        var at = 1;
        for (; at < command.Count && command[at].StartsWith('-'); at++)
        {
            switch (command[at])
            {
                case "-y" or "--yes":
                    break;
                case "-p" or "--package" when at + 1 < command.Count:
                    package = command[++at];
                    break;
                case var option when option.StartsWith("--package=", StringComparison.Ordinal):
                    package = option["--package=".Length..];
                    break;
                default:
                    throw BuildFailure.Refused($"npx {command[at]} is not understood", "use npx -y [-p package] <name>[@version] [arguments]");
            }
        }

        if (at == command.Count)
        {
            throw BuildFailure.Refused("npx without a package", "use npx -y <package>[@version] [arguments]");
        }

        return new McpCommand(package ?? command[at], [.. command.Skip(at + 1)], package is null ? null : command[at]);
    }

    private static string NameWithoutVersion(string package)
    {
        var at = package.LastIndexOf('@');
        return at > 0 ? package[..at] : package;
    }
}
