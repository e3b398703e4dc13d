using System.CommandLine;
using System.Text;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Jobs;

/// <summary><c>toolrt jobs</c>: calls that nobody waits for.</summary>
internal static class JobCommands
{
    private static readonly Argument<string> s_tool = new("tool") { Description = "The tool's name" };
    private static readonly Argument<string> s_arguments = new("arguments") { Description = "Arguments: one JSON object", DefaultValueFactory = _ => "{}" };
    private static readonly Option<double> s_delay = new("--delay") { Description = "Seconds until it begins, at most seven days" };
    private static readonly Argument<string> s_id = new("job") { Description = "The job's id" };
    private static readonly Option<bool> s_dead = new("--dead") { Description = "Calls that were given up, for seven days" };
    private static readonly Option<int> s_limit = new("--limit") { Description = "Most that are shown, the newest first", DefaultValueFactory = _ => 100 };

    public static void AddTo(RootCommand root)
    {
        var start = new Verb("start", "Calls a tool and prints the job's id at once.", "toolrt jobs start report '{\"year\":2026}'", "toolrt jobs start report --delay 3600") { s_tool, s_arguments, s_delay };
        start.SetAction(StartAsync);
        var list = new Verb("list", "Lists jobs, or the dead letters.", "toolrt jobs list", "toolrt jobs list --dead") { s_dead, s_limit };
        list.SetAction(ListAsync);
        var show = new Verb("show", "Shows a job: state, progress, result; of a dead one its arguments too.") { s_id };
        show.SetAction((arguments, cancellationToken) => ShowAsync(arguments, HttpMethod.Get, "", cancellationToken));
        var cancel = new Verb("cancel", "Cancels a job, whether it waits or runs; an ended one stays as it is.") { s_id };
        cancel.SetAction((arguments, cancellationToken) => ShowAsync(arguments, HttpMethod.Delete, "", cancellationToken));
        var replay = new Verb("replay", "Begins a delayed job now, or repeats a dead one as a new job.") { s_id };
        replay.SetAction((arguments, cancellationToken) => ShowAsync(arguments, HttpMethod.Post, "/replay", cancellationToken));
        root.Subcommands.Add(new Verb("jobs", "Calls that nobody waits for.", "toolrt jobs list") { start, list, show, cancel, replay });
    }

    private static async Task<int> StartAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        using var body = new StringContent(arguments.GetValue(s_arguments)!, Encoding.UTF8, "application/json");
        var delay = arguments.GetValue(s_delay);
        var path = $"/v1/tools/{Uri.EscapeDataString(arguments.GetValue(s_tool)!)}?async=1{(delay > 0 ? FormattableString.Invariant($"&delay={delay}") : "")}";
        Print(arguments, await client.JsonAsync(HttpMethod.Post, path, body, cancellationToken), static job => Console.Out.WriteLine(job.Text("id")));
        return ExitCodes.Done;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var dead = arguments.GetValue(s_dead);
        var result = await client.JsonAsync(HttpMethod.Get, $"/v1/jobs?limit={arguments.GetValue(s_limit)}{(dead ? "&dead=true" : "")}", null, cancellationToken);
        Print(arguments, result, listed =>
        {
            string[] columns = ["job", "state", "tool", "accepted", dead ? "reason" : "progress"];
            Printer.Table(columns, listed.Items("jobs").Select(j => (IReadOnlyList<string>)[j.Text("id"), j.Text("state"), j.Text("tool"), j.Text("acceptedAt"), Last(j, dead)]));
        });
        return ExitCodes.Done;
    }

    private static string Last(JsonElement job, bool dead)
    {
        var (member, text) = dead ? ("dead", "reason") : ("progress", "message");
        return job.TryGetProperty(member, out var value) ? value.Text(text) : "";
    }

    private static async Task<int> ShowAsync(ParseResult arguments, HttpMethod method, string action, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        Printer.Json(await client.JsonAsync(method, $"/v1/jobs/{Uri.EscapeDataString(arguments.GetValue(s_id)!)}{action}", null, cancellationToken));
        return ExitCodes.Done;
    }

    private static void Print(ParseResult arguments, JsonElement result, Action<JsonElement> show)
    {
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
        }
        else
        {
            show(result);
        }
    }
}
