using System.CommandLine;

using ToolRuntime.Cli.Functions;
using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sources;

/// <summary><c>toolrt mcp</c>: other people's MCP servers, in sandboxes or somewhere else.</summary>
internal static class SourceCommands
{
    private static readonly Argument<string> s_name = new("name") { Description = "The server's name" };
    private static readonly Argument<string[]> s_place = new("url-or-command")
    {
        Description = "URL of a remote server, or after -- the command line of one that runs in a sandbox",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string> s_file = new("server.json") { Description = "A server's description from an MCP registry" };
    private static readonly Option<string?> s_as = new("--name") { Description = "Name to add it under (default: the last part of its own)" };

    public static void AddTo(RootCommand root)
    {
        var add = new Verb("add",
            "Adds an MCP server; its tools get its name as prefix.",
            "toolrt mcp add docs https://docs.example.com/mcp --header \"Authorization=Bearer secret:DOCS_TOKEN\"",
            "toolrt mcp add files -- npx -y @modelcontextprotocol/server-filesystem /home/user")
        { s_name, s_place };
        SourceOptions.AddTo(add);
        add.SetAction(AddAsync);
        var import = new Verb("import", "Adds the MCP server that a server.json of a registry describes.", "toolrt mcp import ./server.json --secret API_KEY=env:API_KEY") { s_file, s_as };
        SourceOptions.AddTo(import);
        import.SetAction(ImportAsync);
        var list = new Verb("ls", "Lists the MCP servers, and whether they answer.");
        list.SetAction(ListAsync);
        var remove = new Verb("rm", "Removes an MCP server and its tools.", "toolrt mcp rm docs") { s_name };
        remove.SetAction(RemoveAsync);
        var refresh = new Verb("refresh", "Looks at a remote server's lists now.", "toolrt mcp refresh docs") { s_name };
        refresh.SetAction(RefreshAsync);
        root.Subcommands.Add(new Verb("mcp", "Other people's MCP servers: remote ones, and ones that run in sandboxes.") { add, import, list, remove, refresh });
    }

    private static async Task<int> AddAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (name, place) = (arguments.GetValue(s_name)!, arguments.GetValue(s_place)!);
        var isRemote = place is [var first] && Uri.TryCreate(first, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
        if (!isRemote && place is [var lone] && lone.Contains("://", StringComparison.Ordinal))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{lone} is no http or https URL");
        }

        using var client = InstanceArguments.Connect(arguments);
        await SourceAdder.AddAsync(client, arguments, isRemote ? SourcePlan.Remote(name, place[0]) : SourcePlan.Command(name, place), cancellationToken);
        return ExitCodes.Done;
    }

    private static async Task<int> ImportAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var path = arguments.GetValue(s_file)!;
        if (!File.Exists(path))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{path}: no such file");
        }

        var plan = ServerJson.Read(await File.ReadAllTextAsync(path, cancellationToken), arguments.GetValue(s_as));
        using var client = InstanceArguments.Connect(arguments);
        await SourceAdder.AddAsync(client, arguments, plan, cancellationToken);
        return ExitCodes.Done;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, "/admin/sources", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return ExitCodes.Done;
        }

        Printer.Table(
            ["name", "kind", "revision", "tools", "state", "place"],
            result.Items("sources").Select(s => (IReadOnlyList<string>)[s.Text("name"), $"{s.Text("kind")}, {s.Text("transport")}", s.Text("revision"), $"{s.Items("tools").Count()}", State(s), s.Text("place")]));
        return ExitCodes.Done;
    }

    private static string State(System.Text.Json.JsonElement source) =>
        source.Text("reason") is { Length: > 0 } reason ? $"{source.Text("state")}: {reason}" : source.Text("state");

    private static async Task<int> RemoveAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var name = arguments.GetValue(s_name)!;
        await client.JsonAsync(HttpMethod.Delete, $"/admin/functions/{Uri.EscapeDataString(name)}", null, cancellationToken);
        Console.Error.WriteLine($"removed {name}");
        return ExitCodes.Done;
    }

    private static async Task<int> RefreshAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Post, $"/admin/sources/{Uri.EscapeDataString(arguments.GetValue(s_name)!)}/refresh", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
        }
        else
        {
            Console.Out.WriteLine($"{result.Text("name")} lists {result.Items("tools").Count()} tools, version {DeployCommand.Short(result.Text("version"))}");
        }

        return ExitCodes.Done;
    }
}
