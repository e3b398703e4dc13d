using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Keeping;

/// <summary><c>toolrt mailbox</c>: messages between agents.</summary>
internal static class MailboxCommand
{
    private static readonly Argument<string> s_name = new("mailbox") { Description = "The mailbox's name" };
    private static readonly Argument<string> s_body = new("body") { Description = "One JSON value, or - to read it from standard input" };
    private static readonly Option<string?> s_key = new("--key") { Description = "A second message with the same key is not delivered" };
    private static readonly Option<double?> s_ttl = new("--ttl") { Description = "Seconds after which it is not delivered" };
    private static readonly Option<int> s_max = new("--max") { Description = "Most messages", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> s_wait = new("--wait") { Description = "Seconds to wait for the first" };
    private static readonly Option<bool> s_keep = new("--keep") { Description = "Do not acknowledge: they come again after 30 seconds" };
    private static readonly Option<bool> s_replay = new("--replay") { Description = "Put them back into the mailbox" };

    public static void AddTo(RootCommand root)
    {
        var send = new Verb("send", "Puts a message into a mailbox.", "toolrt mailbox send writer '{\"topic\":\"tea\"}'") { s_name, s_body, s_key, s_ttl };
        send.SetAction(SendAsync);
        var receive = new Verb("receive", "Takes messages and prints one a line.", "toolrt mailbox receive writer --max 10 --wait 30") { s_name, s_max, s_wait, s_keep };
        receive.SetAction(ReceiveAsync);
        var list = new Verb("list", "Lists the mailboxes that hold messages.");
        list.SetAction(ListAsync);
        var dead = new Verb("dead", "Prints messages that were delivered too often, or puts them back.", "toolrt mailbox dead writer --replay") { s_name, s_replay };
        dead.SetAction(DeadAsync);
        root.Subcommands.Add(new Verb("mailbox", "Messages between agents.") { send, receive, list, dead });
    }

    private static async Task<int> SendAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var text = arguments.GetValue(s_body) is { } given && given != "-" ? given : await Console.In.ReadToEndAsync(cancellationToken);
        JsonNode? body;
        try
        {
            body = JsonNode.Parse(text);
        }
        catch (JsonException error)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"the body is not JSON: {error.Message}", """for example '"hello"'""");
        }

        var message = new JsonObject { ["body"] = body, ["key"] = arguments.GetValue(s_key), ["ttl"] = arguments.GetValue(s_ttl) };
        Printer.Json(await PostAsync(client, PathOf(arguments, "messages"), message, cancellationToken));
        return ExitCodes.Done;
    }

    private static async Task<int> ReceiveAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var query = string.Create(CultureInfo.InvariantCulture, $"?max={arguments.GetValue(s_max)}&wait={arguments.GetValue(s_wait)}");
        var result = await client.JsonAsync(HttpMethod.Get, PathOf(arguments, "messages") + query, null, cancellationToken);
        foreach (var message in result.Items("messages"))
        {
            Console.Out.WriteLine(message.GetRawText());
        }

        if (!arguments.GetValue(s_keep) && result.Items("messages").Any())
        {
            await PostAsync(client, PathOf(arguments, "ack"), new JsonObject { ["ids"] = new JsonArray([.. result.Items("messages").Select(m => JsonValue.Create(m.Text("id")))]) }, cancellationToken);
        }

        return ExitCodes.Done;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, "/v1/mailboxes", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return ExitCodes.Done;
        }

        Printer.Table(["mailbox", "messages"], result.Items("mailboxes").Select(m => (IReadOnlyList<string>)[m.Text("name"), m.GetProperty("messages").GetRawText()]));
        return ExitCodes.Done;
    }

    private static async Task<int> DeadAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        if (arguments.GetValue(s_replay))
        {
            Printer.Json(await PostAsync(client, PathOf(arguments, "dead/replay"), [], cancellationToken));
            return ExitCodes.Done;
        }

        foreach (var message in (await client.JsonAsync(HttpMethod.Get, PathOf(arguments, "dead"), null, cancellationToken)).Items("messages"))
        {
            Console.Out.WriteLine(message.GetRawText());
        }

        return ExitCodes.Done;
    }

    private static async Task<JsonElement> PostAsync(AdminClient client, string path, JsonObject body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await client.JsonAsync(HttpMethod.Post, path, content, cancellationToken);
    }

    private static string PathOf(ParseResult arguments, string what) => $"/v1/mailboxes/{Uri.EscapeDataString(arguments.GetValue(s_name)!)}/{what}";
}
