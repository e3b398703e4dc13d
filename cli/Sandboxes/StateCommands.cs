using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>Verbs that change a sandbox's state: <c>pause</c>, <c>resume</c>, <c>fork</c>, <c>snapshot</c>, <c>snapshots</c>, <c>reset</c>, <c>rm</c>.</summary>
internal static class StateCommands
{
    private static readonly Argument<string[]> s_ids = new("id") { Description = "Sandboxes, or snapshots by id or name", Arity = ArgumentArity.OneOrMore };
    private static readonly Argument<string> s_snapshot = new("snapshot") { Description = "Snapshot, by id or name" };
    private static readonly Option<bool> s_filesOnly = new("--files-only") { Description = "Keep its files and not its memory: it boots when it is resumed" };
    private static readonly Option<int> s_count = new("--count", "-n") { Description = "How many", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> s_name = new("--name") { Description = "A name that sandboxes can be made from" };

    public static IEnumerable<Command> Make()
    {
        yield return Verb("pause", "Puts a sandbox on disk, memory and all; it costs nothing until it is resumed.", PauseAsync, ["toolrt sandbox pause ID", "toolrt sandbox pause ID --files-only"], [SandboxOptions.Id, s_filesOnly]);
        yield return Verb("resume", "Wakes a paused sandbox, and gives a running one more time.", ResumeAsync, ["toolrt sandbox resume ID --timeout 3600"], [SandboxOptions.Id, SandboxOptions.Timeout]);
        yield return Verb("fork", "Makes sandboxes of a sandbox's present state, processes and all; prints their ids.", ForkAsync, ["toolrt sandbox fork ID --count 20"], [SandboxOptions.Id, s_count, SandboxOptions.Timeout]);
        yield return Verb("snapshot", "Keeps a sandbox's present state; prints what 'create' and 'reset' take.", SnapshotAsync, ["toolrt sandbox snapshot ID --name ready", "toolrt sandbox create ready"], [SandboxOptions.Id, s_name]);
        yield return Verb("snapshots", "Lists snapshots, the newest first.", SnapshotsAsync, ["toolrt sandbox snapshots --json"], []);
        yield return Verb("reset", "Brings a sandbox back to a snapshot, under its own id.", ResetAsync, ["toolrt sandbox reset ID ready"], [SandboxOptions.Id, s_snapshot]);
        yield return Verb("rm", "Ends sandboxes, and removes snapshots.", RemoveAsync, ["toolrt sandbox rm ID", "toolrt sandbox rm ready"], [s_ids]);
    }

    private static Verb Verb(string name, string description, Func<ParseResult, AdminClient, CancellationToken, Task<int>> run, string[] examples, Symbol[] symbols)
    {
        var verb = new Verb(name, description, examples);
        foreach (var symbol in symbols)
        {
            if (symbol is Option option)
            {
                verb.Options.Add(option);
            }
            else
            {
                verb.Arguments.Add((Argument)symbol);
            }
        }

        verb.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = InstanceArguments.Connect(arguments);
            return await run(arguments, client, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> PauseAsync(ParseResult arguments, AdminClient client, CancellationToken cancellationToken)
    {
        var id = arguments.GetValue(SandboxOptions.Id)!;
        using var body = SandboxOptions.Body(new JsonObject { ["memory"] = !arguments.GetValue(s_filesOnly) });
        try
        {
            await client.JsonAsync(HttpMethod.Post, SandboxOptions.PathOf(id, "/pause"), body, cancellationToken);
        }
        catch (CommandFailedException already) when (already.Status == 409)
        {
            await Console.Error.WriteLineAsync($"toolrt: {already.Message}");
        }

        return ExitCodes.Done;
    }

    private static async Task<int> ResumeAsync(ParseResult arguments, AdminClient client, CancellationToken cancellationToken)
    {
        using var body = SandboxOptions.Body(Timeout(arguments));
        return Show(arguments, await client.JsonAsync(HttpMethod.Post, SandboxOptions.PathOf(arguments.GetValue(SandboxOptions.Id)!, "/connect"), body, cancellationToken), "");
    }

    private static async Task<int> ForkAsync(ParseResult arguments, AdminClient client, CancellationToken cancellationToken)
    {
        var wanted = Timeout(arguments);
        wanted["count"] = arguments.GetValue(s_count);
        using var body = SandboxOptions.Body(wanted);
        var forks = await client.JsonAsync(HttpMethod.Post, SandboxOptions.PathOf(arguments.GetValue(SandboxOptions.Id)!, "/fork"), body, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(forks);
        }

        var failed = 0;
        foreach (var fork in forks.EnumerateArray())
        {
            if (fork.TryGetProperty("error", out var error))
            {
                failed++;
                await Console.Error.WriteLineAsync($"toolrt: {error.Text("message")}");
            }
            else if (!arguments.GetValue(InstanceArguments.Json))
            {
                Console.Out.WriteLine(fork.GetProperty("sandbox").Text("sandboxID"));
            }
        }

        return failed == 0 ? ExitCodes.Done : ExitCodes.Refused;
    }

    private static async Task<int> SnapshotAsync(ParseResult arguments, AdminClient client, CancellationToken cancellationToken)
    {
        var wanted = new JsonObject();
        if (arguments.GetValue(s_name) is { } name)
        {
            wanted["name"] = name;
        }

        using var body = SandboxOptions.Body(wanted);
        return Show(arguments, await client.JsonAsync(HttpMethod.Post, SandboxOptions.PathOf(arguments.GetValue(SandboxOptions.Id)!, "/snapshots"), body, cancellationToken), "snapshotID");
    }

    private static async Task<int> SnapshotsAsync(ParseResult arguments, AdminClient client, CancellationToken cancellationToken)
    {
        var found = await Pages.ReadAsync(client, "/snapshots", cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(JsonSerializer.SerializeToElement(found));
            return ExitCodes.Done;
        }

        Printer.Table(["ID", "NAME", "OF", "TAKEN"], found.Select(s => (IReadOnlyList<string>)[s.Text("snapshotID"), string.Join(' ', s.Items("names")), s.Text("sandboxID"), SandboxOptions.Time(s.Text("createdAt"))]));
        return ExitCodes.Done;
    }

    private static async Task<int> ResetAsync(ParseResult arguments, AdminClient client, CancellationToken cancellationToken)
    {
        using var body = SandboxOptions.Body(new JsonObject { ["snapshotID"] = arguments.GetValue(s_snapshot) });
        await client.JsonAsync(HttpMethod.Post, SandboxOptions.PathOf(arguments.GetValue(SandboxOptions.Id)!, "/reset"), body, cancellationToken);
        return ExitCodes.Done;
    }

    private static async Task<int> RemoveAsync(ParseResult arguments, AdminClient client, CancellationToken cancellationToken)
    {
        CommandFailedException? missing = null;
        foreach (var id in arguments.GetValue(s_ids)!)
        {
            try
            {
                await RemoveAsync(client, id, cancellationToken);
            }
            catch (CommandFailedException error) when (error.Status == 404)
            {
                // The others are removed all the same.
                missing = new CommandFailedException(ExitCodes.Refused, $"there is no sandbox or snapshot '{id}'", "'toolrt sandbox list' and 'toolrt sandbox snapshots' show them");
            }
        }

        return missing is null ? ExitCodes.Done : throw missing;
    }

    private static async Task RemoveAsync(AdminClient client, string id, CancellationToken cancellationToken)
    {
        try
        {
            await client.JsonAsync(HttpMethod.Delete, SandboxOptions.PathOf(id), null, cancellationToken);
        }
        catch (CommandFailedException error) when (error.Status == 404)
        {
            await client.JsonAsync(HttpMethod.Delete, $"/templates/{Uri.EscapeDataString(id)}", null, cancellationToken);
        }
    }

    private static JsonObject Timeout(ParseResult arguments) => arguments.GetValue(SandboxOptions.Timeout) is { } seconds ? new JsonObject { ["timeout"] = seconds } : [];

    private static int Show(ParseResult arguments, JsonElement answer, string member)
    {
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(answer);
        }
        else if (member.Length > 0)
        {
            Console.Out.WriteLine(answer.Text(member));
        }

        return ExitCodes.Done;
    }
}
