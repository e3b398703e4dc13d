using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Sandboxes;

namespace ToolRuntime.Cli.Volumes;

/// <summary><c>toolrt volume</c>: folders that outlive sandboxes.</summary>
internal static class VolumeCommands
{
    private static readonly Argument<string> s_name = new("name") { Description = "The volume ('toolrt volume list' shows them)" };
    private static readonly Option<long?> s_quota = new("--quota") { Description = "Most that it holds; 0 for what the disk holds (default: toolruntime.volumes.quotaMiB of host.json)", HelpName = "MIB" };

    public static void AddTo(RootCommand root)
    {
        var create = new Verb("create", "Makes a volume and prints its name.", "toolrt volume create data", "toolrt volume create models --quota 51200", "toolrt volume create scratch --quota 0") { s_name, s_quota };
        create.SetAction(CreateAsync);
        var list = new Verb("list", "Lists volumes.", "toolrt volume list", "toolrt volume list --json");
        list.SetAction(ListAsync);
        var info = new Verb("info", "Shows how full a volume is and which sandboxes have it.", "toolrt volume info data", "toolrt volume info data --json") { s_name };
        info.SetAction(InfoAsync);
        var remove = new Verb("rm", "Removes a volume with what it holds; refused while a sandbox has it.", "toolrt volume rm data") { s_name };
        remove.SetAction(RemoveAsync);
        root.Subcommands.Add(new Verb("volume",
            "Volumes: folders that outlive sandboxes, and that several can have at once.",
            "toolrt volume create data --quota 1024",
            "toolrt volume cp ./corpus data:/corpus",
            "toolrt sandbox create --volume data:/data",
            "toolrt mcp add files --volume data:/data -- npx -y @modelcontextprotocol/server-filesystem /data")
        {
            create, list, info, VolumeCopy.Make(), remove,
        });
    }

    /// <summary>A volume's path on the control plane.</summary>
    public static string PathOf(string name, string query = "") => $"/volumes/{Uri.EscapeDataString(name)}{query}";

    private static async Task<int> CreateAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var wanted = new JsonObject { ["name"] = arguments.GetValue(s_name) };
        if (arguments.GetValue(s_quota) is { } quota)
        {
            wanted["quotaMiB"] = quota;
        }

        using var body = SandboxOptions.Body(wanted);
        var made = await client.JsonAsync(HttpMethod.Post, "/volumes", body, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(made);
        }
        else
        {
            Console.Out.WriteLine(made.Text("name"));
        }

        return ExitCodes.Done;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var found = await client.JsonAsync(HttpMethod.Get, "/volumes", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(found);
            return ExitCodes.Done;
        }

        Printer.Table(["NAME", "QUOTA", "MADE", "ID"], found.EnumerateArray().Select(v => (IReadOnlyList<string>)[v.Text("name"), Quota(v), SandboxOptions.Time(v.Text("createdAt")), v.Text("volumeID")]));
        return ExitCodes.Done;
    }

    private static async Task<int> InfoAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var info = await client.JsonAsync(HttpMethod.Get, PathOf(arguments.GetValue(s_name)!, "?usage=true"), null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(info);
            return ExitCodes.Done;
        }

        Printer.Table(["", ""],
        [
            ["name", info.Text("name")],
            ["id", info.Text("volumeID")],
            ["made", SandboxOptions.Time(info.Text("createdAt"))],
            ["quota", Quota(info)],
            ["used", $"{Size(info, "usedBytes")} of {Size(info, "totalBytes")}"],
            ["sandboxes", string.Join(' ', info.Items("sandboxes").Select(s => s.GetString()))],
        ]);
        return ExitCodes.Done;
    }

    private static async Task<int> RemoveAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        await client.JsonAsync(HttpMethod.Delete, PathOf(arguments.GetValue(s_name)!), null, cancellationToken);
        return ExitCodes.Done;
    }

    private static string Quota(JsonElement volume) => volume.Text("quotaMiB") is "0" ? "none" : $"{volume.Text("quotaMiB")} MiB";

    private static string Size(JsonElement volume, string member) =>
        volume.TryGetProperty(member, out var bytes) && bytes.TryGetInt64(out var number) ? string.Create(CultureInfo.InvariantCulture, $"{number / 1048576.0:0.#} MiB") : "?";
}
