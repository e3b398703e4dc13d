using System.CommandLine;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary><c>toolrt sandbox create</c>.</summary>
internal static class CreateCommand
{
    private static readonly Argument<string> s_template = new("template") { Description = "Image (base, code-interpreter-v1, java, r), template or snapshot", DefaultValueFactory = _ => "base" };
    private static readonly Option<string[]> s_metadata = new("--metadata", "-m") { Description = "Written on it; 'toolrt sandbox list' finds by it", HelpName = "KEY=VALUE" };
    private static readonly Option<bool> s_pause = new("--pause") { Description = "Pause it when its time is over, and wake it when something comes for it; else it ends" };
    private static readonly Option<string[]> s_allow = new("--allow") { Description = "Host name or address range that may be reached; nothing else is", HelpName = "HOST" };
    private static readonly Option<bool> s_internet = new("--internet") { Description = "Let it reach the whole internet" };
    private static readonly Option<bool> s_packages = new("--packages") { Description = "Let pip, npm and apt reach the mirrors that this machine uses" };
    private static readonly Option<int?> s_memory = new("--memory") { Description = "Memory, its files in memory included (default 1024)", HelpName = "MIB" };
    private static readonly Option<string[]> s_volumes = new("--volume") { Description = "Volume and where it is to be; repeat for more", HelpName = "NAME:/PATH[:ro]" };

    public static Command Make()
    {
        var create = new Verb("create",
            "Makes a sandbox and prints its id.",
            "toolrt sandbox create",
            "toolrt sandbox create code-interpreter-v1 --timeout 3600 --pause",
            "toolrt sandbox create --packages --memory 2048",
            "toolrt sandbox create --volume data:/data --volume models:/models:ro",
            "toolrt sandbox create --env TOKEN --metadata job=42 --allow api.example.com")
        { s_template, SandboxOptions.Timeout, SandboxOptions.Variables, s_metadata, s_pause, s_allow, s_internet, s_packages, s_memory, s_volumes };
        create.SetAction(RunAsync);
        return create;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var pauses = arguments.GetValue(s_pause);
        var wanted = new JsonObject
        {
            ["templateID"] = arguments.GetValue(s_template),
            ["envVars"] = SandboxOptions.Pairs(arguments.GetValue(SandboxOptions.Variables), "--env", takesFromShell: true),
            ["metadata"] = SandboxOptions.Pairs(arguments.GetValue(s_metadata), "--metadata", takesFromShell: false),
            ["autoPause"] = pauses,
            ["autoResume"] = new JsonObject { ["enabled"] = pauses },
        };
        if (arguments.GetValue(SandboxOptions.Timeout) is { } seconds)
        {
            wanted["timeout"] = seconds;
        }

        if (arguments.GetValue(s_packages))
        {
            wanted["packages"] = true;
        }

        if (arguments.GetValue(s_memory) is { } memory)
        {
            wanted["memoryMB"] = memory;
        }

        if (arguments.GetValue(s_internet))
        {
            wanted["allow_internet_access"] = true;
        }

        if (arguments.GetValue(s_allow) is { Length: > 0 } allowed)
        {
            wanted["network"] = new JsonObject { ["allowOut"] = new JsonArray([.. allowed.Select(a => JsonValue.Create(a))]) };
        }

        if (arguments.GetValue(s_volumes) is { Length: > 0 } volumes)
        {
            wanted["volumeMounts"] = new JsonArray([.. volumes.Select(v => SandboxOptions.Volume(v))]);
        }

        using var body = SandboxOptions.Body(wanted);
        var made = await client.JsonAsync(HttpMethod.Post, "/v2/sandboxes", body, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(made);
        }
        else
        {
            Console.Out.WriteLine(made.Text("sandboxID"));
        }

        return ExitCodes.Done;
    }
}
