using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sources;

/// <summary><c>toolrt a2a</c>: agents that are reached through the gateway.</summary>
internal static class AgentCommands
{
    private static readonly Argument<string> s_name = new("name") { Description = "The agent's name" };
    private static readonly Argument<string> s_url = new("url") { Description = "URL below which the agent's card stands (/.well-known/agent-card.json)" };

    public static void AddTo(RootCommand root)
    {
        var add = new Verb("add", "Adds an agent that speaks A2A.", "toolrt a2a add planner https://planner.example.com") { s_name, s_url, SourceOptions.Headers, SourceOptions.AllowHosts };
        add.SetAction(AddAsync);
        var list = new Verb("ls", "Lists the agents.");
        list.SetAction(ListAsync);
        var remove = new Verb("rm", "Removes an agent.") { s_name };
        remove.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = InstanceArguments.Connect(arguments);
            await client.JsonAsync(HttpMethod.Delete, PathOf(arguments), null, cancellationToken);
            return ExitCodes.Done;
        });
        root.Subcommands.Add(new Verb("a2a", "Agents that speak A2A, reached through the gateway.") { add, list, remove });
    }

    private static async Task<int> AddAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var headers = new JsonObject();
        foreach (var header in arguments.GetValue(SourceOptions.Headers)!)
        {
            var at = header.IndexOf('=');
            headers[at > 0 ? header[..at].Trim() : throw new CommandFailedException(ExitCodes.Usage, $"--header {header}: not of the form NAME=VALUE")] = header[(at + 1)..].Trim();
        }

        var agent = new JsonObject
        {
            ["url"] = arguments.GetValue(s_url),
            ["headers"] = headers,
            ["allowHosts"] = new JsonArray([.. arguments.GetValue(SourceOptions.AllowHosts)!.Select(a => JsonValue.Create(a))]),
        };
        using var body = new StringContent(agent.ToJsonString(), Encoding.UTF8, "application/json");
        var result = await client.JsonAsync(HttpMethod.Put, PathOf(arguments), body, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return ExitCodes.Done;
        }

        Console.Out.WriteLine($"added {result.Text("title")}; its card: {new Uri(client.Server, $"/a2a/{arguments.GetValue(s_name)}/.well-known/agent-card.json")}");
        return ExitCodes.Done;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, "/admin/agents", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return ExitCodes.Done;
        }

        Printer.Table(["agent", "url"], result.Items("agents").Select(a => (IReadOnlyList<string>)[a.Text("name"), a.Text("url")]));
        return ExitCodes.Done;
    }

    private static string PathOf(ParseResult arguments) => $"/admin/agents/{Uri.EscapeDataString(arguments.GetValue(s_name)!)}";
}
