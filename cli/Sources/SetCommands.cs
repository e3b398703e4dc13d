using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sources;

/// <summary><c>toolrt sets</c>: chosen tools under a URL of their own.</summary>
internal static class SetCommands
{
    private static readonly Argument<string> s_name = new("name") { Description = "The set's name" };
    private static readonly Argument<string[]> s_parts = new("parts")
    {
        Description = "SOURCE for all its tools, or SOURCE:TOOL,TOOL… with * and ? in tools' names; * as SOURCE is every one",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> s_description = new("--description") { Description = "What it is for" };

    public static void AddTo(RootCommand root)
    {
        var add = new Verb("add", "Keeps a set, in place of an earlier one of that name.", "toolrt sets add reading docs \"files:files_read_*,files_list_*\"") { s_name, s_parts, s_description };
        add.SetAction(AddAsync);
        var list = new Verb("ls", "Lists the sets.");
        list.SetAction(ListAsync);
        var remove = new Verb("rm", "Removes a set; its tools stay.") { s_name };
        remove.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = InstanceArguments.Connect(arguments);
            await client.JsonAsync(HttpMethod.Delete, PathOf(arguments), null, cancellationToken);
            return ExitCodes.Done;
        });
        root.Subcommands.Add(new Verb("sets", "Chosen tools under a URL of their own.") { add, list, remove });
    }

    private static async Task<int> AddAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var set = new JsonObject { ["parts"] = new JsonArray([.. arguments.GetValue(s_parts)!.Select(Part)]) };
        if (arguments.GetValue(s_description) is { } description)
        {
            set["description"] = description;
        }

        using var body = new StringContent(set.ToJsonString(), Encoding.UTF8, "application/json");
        await client.JsonAsync(HttpMethod.Put, PathOf(arguments), body, cancellationToken);
        Console.Out.WriteLine($"MCP endpoint: {new Uri(client.Server, $"/mcp/sets/{arguments.GetValue(s_name)}")}");
        return ExitCodes.Done;
    }

    private static JsonNode Part(string part)
    {
        var at = part.IndexOf(':');
        var tools = at < 0 ? [] : part[(at + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new JsonObject { ["source"] = at < 0 ? part : part[..at], ["tools"] = new JsonArray([.. tools.Select(t => JsonValue.Create(t))]) };
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, "/admin/sets", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return ExitCodes.Done;
        }

        Printer.Table(["set", "parts", "description"], result.Items("sets").Select(s => (IReadOnlyList<string>)[s.Text("name"), string.Join(' ', s.Items("parts").Select(Show)), s.Text("description")]));
        return ExitCodes.Done;
    }

    private static string Show(System.Text.Json.JsonElement part) =>
        part.Items("tools").Any() ? $"{part.Text("source")}:{string.Join(',', part.Items("tools").Select(t => t.GetString()))}" : part.Text("source");

    private static string PathOf(ParseResult arguments) => $"/admin/sets/{Uri.EscapeDataString(arguments.GetValue(s_name)!)}";
}
