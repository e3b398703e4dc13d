using System.CommandLine;
using System.Text;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sessions;

/// <summary><c>toolrt sessions</c>: what sessions do and did, from any number of terminals at once.</summary>
internal static class SessionCommands
{
    private static readonly Argument<string> s_id = new("session") { Description = "The session's id" };
    private static readonly Argument<string> s_value = new("json") { Description = "A value of JSON; an array is several" };
    private static readonly Option<bool> s_whole = new("--whole") { Description = "Every event that is kept, not what stood in short" };
    private static readonly Option<bool> s_untilEnd = new("--until-end") { Description = "End when no call of the session runs" };
    private static readonly Option<int> s_limit = new("--limit") { Description = "Most that are shown, the latest first", DefaultValueFactory = _ => 100 };

    public static void AddTo(RootCommand root)
    {
        var list = new Verb("list", "Lists sessions of the last day.") { s_limit };
        list.SetAction(ListAsync);
        var show = new Verb("show", "Shows a session's calls.") { s_id };
        show.SetAction(ShowAsync);
        var follow = new Verb("follow", "Follows all calls of a session; leaving ends nothing.", "toolrt sessions follow s3ss10n0f0n3ag3nt000", "toolrt sessions follow s3ss10n0f0n3ag3nt000 --whole --until-end") { s_id, s_whole, s_untilEnd };
        follow.SetAction(FollowAsync);
        var stop = new Verb("stop", "Ends the calls of a session that were made until now, waiting ones too.") { s_id };
        stop.SetAction(StopAsync);
        var publish = new Verb("publish", "Publishes a value of JSON among the events of a session; who follows it sees it.", "toolrt sessions publish s3ss10n0f0n3ag3nt000 '{\"typing\":true}'") { s_id, s_value };
        publish.SetAction(PublishAsync);
        root.Subcommands.Add(new Verb("sessions", "What sessions do and did.", "toolrt sessions list") { list, show, follow, publish, stop });
    }

    private static string PathOf(ParseResult arguments) => $"/v1/sessions/{Uri.EscapeDataString(arguments.GetValue(s_id)!)}";

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, $"/v1/sessions?limit={arguments.GetValue(s_limit)}", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
        }
        else
        {
            Printer.Table(["session", "last used"], result.Items("sessions").Select(s => (IReadOnlyList<string>)[s.Text("id"), s.Text("updatedAt")]));
        }

        return ExitCodes.Done;
    }

    private static async Task<int> ShowAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, PathOf(arguments), null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
        }
        else
        {
            Printer.Table(
                ["call", "tool", "state", "began", "fault"],
                result.Items("calls").Select(c => (IReadOnlyList<string>)[c.Text("invocation"), c.Text("tool"), c.Text("state"), c.Text("startedAt"), c.Text("fault")]));
        }

        return ExitCodes.Done;
    }

    private static async Task<int> FollowAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var path = $"{PathOf(arguments)}/events?compact={(arguments.GetValue(s_whole) ? "false" : "true")}{(arguments.GetValue(s_untilEnd) ? "&until=end" : "")}";
        var json = arguments.GetValue(InstanceArguments.Json);
        await foreach (var item in client.EventsAsync(HttpMethod.Get, path, null, cancellationToken))
        {
            using var document = JsonDocument.Parse(item.Data);
            Console.Out.WriteLine(json ? $$"""{"event":"{{item.Name}}","data":{{item.Data}}}""" : $"{item.Name,-14} {Short(document.RootElement)}");
        }

        return ExitCodes.Done;
    }

    private static string Short(JsonElement data) =>
        data.ValueKind != JsonValueKind.Object ? data.GetRawText()
        : data.Text("text") is { Length: > 0 } text ? text.TrimEnd('\n')
        : data.Text("message") is { Length: > 0 } message ? message
        : data.TryGetProperty("value", out var value) ? value.GetRawText()
        : data.GetRawText();

    private static async Task<int> PublishAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        await client.JsonAsync(HttpMethod.Post, $"{PathOf(arguments)}/stream", new StringContent(arguments.GetValue(s_value)!, Encoding.UTF8, "application/json"), cancellationToken);
        return ExitCodes.Done;
    }

    private static async Task<int> StopAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Post, $"{PathOf(arguments)}/stop", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
        }

        return ExitCodes.Done;
    }
}
