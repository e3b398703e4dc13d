using System.CommandLine;
using System.Globalization;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary><c>toolrt sandbox</c>: sandboxes from the terminal.</summary>
internal static class SandboxCommands
{
    private static readonly Argument<string?> s_path = new("path") { Description = "Folder or file inside (default: the user's home)", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<int> s_depth = new("--depth") { Description = "How many levels of folders", DefaultValueFactory = _ => 1 };
    private static readonly Option<string[]> s_metadata = new("--metadata", "-m") { Description = "Only those made with it", HelpName = "KEY=VALUE" };

    public static void AddTo(RootCommand root)
    {
        var list = new Verb("list", "Lists sandboxes, the newest first.", "toolrt sandbox list", "toolrt sandbox list --metadata job=42 --json") { s_metadata };
        list.SetAction(ListAsync);
        var info = new Verb("info", "Shows one sandbox: state, end, limits, network, what it uses.", "toolrt sandbox info ID --json") { SandboxOptions.Id };
        info.SetAction(InfoAsync);
        var files = new Verb("ls", "Lists files in a sandbox.", "toolrt sandbox ls ID", "toolrt sandbox ls ID /etc --depth 2") { SandboxOptions.Id, s_path, s_depth, SandboxOptions.User };
        files.SetAction(FilesAsync);
        var verb = new Verb("sandbox",
            "Sandboxes: computers of their own for code, made in milliseconds, kept as long as you like.",
            "id=$(toolrt sandbox create code-interpreter-v1)",
            "toolrt sandbox exec $id -- python3 -c 'print(6*7)'",
            "toolrt sandbox shell $id",
            "toolrt sandbox cp ./project $id:/home/user/project",
            "toolrt sandbox snapshot $id --name ready && toolrt sandbox create ready",
            "toolrt sandbox rm $id")
        {
            CreateCommand.Make(), list, info, ExecCommand.Make(), ShellCommand.Make(), CopyCommand.Make(), files,
        };
        foreach (var state in StateCommands.Make())
        {
            verb.Subcommands.Add(state);
        }

        root.Subcommands.Add(verb);
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var wanted = SandboxOptions.Pairs(arguments.GetValue(s_metadata), "--metadata", takesFromShell: false);

        // The protocol encodes each key and value once for themselves, and then all as one value of the query.
        var filter = string.Join('&', wanted.Select(m => $"{Uri.EscapeDataString(Uri.EscapeDataString(m.Key))}={Uri.EscapeDataString(Uri.EscapeDataString((string)m.Value!))}"));
        var path = filter.Length == 0 ? "/v2/sandboxes" : $"/v2/sandboxes?metadata={Uri.EscapeDataString(filter)}";
        var found = await Pages.ReadAsync(client, path, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(JsonSerializer.SerializeToElement(found));
            return ExitCodes.Done;
        }

        Printer.Table(
            ["ID", "STATE", "TEMPLATE", "STARTED", "ENDS", "METADATA"],
            found.Select(s => (IReadOnlyList<string>)[
                s.Text("sandboxID"), s.Text("state"), s.Text("templateID"), SandboxOptions.Time(s.Text("startedAt")), SandboxOptions.Time(s.Text("endAt")),
                s.TryGetProperty("metadata", out var metadata) ? string.Join(' ', metadata.EnumerateObject().Select(m => $"{m.Name}={m.Value}")) : ""]));
        return ExitCodes.Done;
    }

    private static async Task<int> InfoAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var id = arguments.GetValue(SandboxOptions.Id)!;
        var info = await client.JsonAsync(HttpMethod.Get, SandboxOptions.PathOf(id), null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(info);
            return ExitCodes.Done;
        }

        // What lets in is nothing to show in passing.
        Printer.Table(["", ""], info.EnumerateObject()
            .Where(m => m.Name is not ("envdAccessToken" or "trafficAccessToken" or "clientID" or "alias"))
            .Select(m => (IReadOnlyList<string>)[m.Name, m.Value.ValueKind == JsonValueKind.String ? m.Value.GetString()! : m.Value.GetRawText()]));
        if (info.Text("state") == "running")
        {
            var measures = await client.JsonAsync(HttpMethod.Get, SandboxOptions.PathOf(id, "/metrics"), null, cancellationToken);
            foreach (var last in measures.EnumerateArray().TakeLast(1))
            {
                Printer.Table(["", ""],
                [
                    ["cpu", $"{last.Text("cpuUsedPct")} %"],
                    ["memory", $"{Size(last.Text("memUsed"))} of {Size(last.Text("memTotal"))}"],
                    ["disk", $"{Size(last.Text("diskUsed"))} of {Size(last.Text("diskTotal"))}"],
                ]);
            }
        }

        return ExitCodes.Done;
    }

    private static async Task<int> FilesAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var link = await SandboxLink.OpenAsync(client, arguments.GetValue(SandboxOptions.Id)!, arguments.GetValue(SandboxOptions.User), cancellationToken);
        var path = arguments.GetValue(s_path) ?? ".";
        var found = await link.FindAsync(path, cancellationToken)
            ?? throw new CommandFailedException(ExitCodes.Refused, $"{path} does not exist in sandbox {link.Id}", $"'toolrt sandbox ls {link.Id}' shows the home");
        IReadOnlyList<JsonElement> entries = found.Text("type") == "FILE_TYPE_DIRECTORY"
            ? [.. (await link.CallAsync("filesystem.Filesystem/ListDir", new() { ["path"] = path, ["depth"] = arguments.GetValue(s_depth) }, cancellationToken)).Items("entries")]
            : [found];
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(JsonSerializer.SerializeToElement(entries));
            return ExitCodes.Done;
        }

        var root = found.Text("path").TrimEnd('/') + "/";
        Printer.Table(["MODE", "OWNER", "SIZE", "MODIFIED", "NAME"], entries.Select(e =>
        {
            var name = e.Text("path") is var full && full.StartsWith(root, StringComparison.Ordinal) ? full[root.Length..] : e.Text("name");
            return (IReadOnlyList<string>)[e.Text("permissions"), e.Text("owner"), e.Text("size"), SandboxOptions.Time(e.Text("modifiedTime")), e.Text("symlinkTarget") is { Length: > 0 } to ? $"{name} -> {to}" : name];
        }));
        return ExitCodes.Done;
    }

    private static string Size(string bytes) => long.TryParse(bytes, CultureInfo.InvariantCulture, out var number) ? string.Create(CultureInfo.InvariantCulture, $"{number / 1048576.0:0.#} MiB") : bytes;
}
