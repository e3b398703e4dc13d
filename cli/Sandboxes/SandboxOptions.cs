using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Output;
using ToolRuntime.Functions;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>Arguments and options that several verbs of <c>toolrt sandbox</c> share.</summary>
internal static class SandboxOptions
{
    public static Argument<string> Id { get; } = new("id") { Description = "The sandbox ('toolrt sandbox list' shows them)" };

    public static Option<int?> Timeout { get; } = new("--timeout") { Description = "Seconds from now until it ends, or is paused where it was made with --pause (default 300)", HelpName = "SECONDS" };

    public static Option<string[]> Variables { get; } = new("--env", "-e") { Description = "NAME=VALUE for its processes; NAME alone takes this shell's value", HelpName = "NAME=VALUE" };

    public static Option<string?> User { get; } = new("--user", "-u") { Description = "Linux user inside (default: user; root is allowed)", HelpName = "NAME" };

    public static Option<string?> Folder { get; } = new("--cwd", "-w") { Description = "Folder to run in (default: the user's home)", HelpName = "PATH" };

    /// <summary>The path of a sandbox on the control plane.</summary>
    public static string PathOf(string id, string rest = "") => $"/sandboxes/{Uri.EscapeDataString(id)}{rest}";

    /// <summary>A JSON body.</summary>
    public static StringContent Body(JsonObject members) => new(members.ToJsonString(), Encoding.UTF8, "application/json");

    /// <summary>Pairs as a JSON object.</summary>
    public static JsonObject Pairs(IEnumerable<string>? pairs, string option, bool takesFromShell)
    {
        var members = new JsonObject();
        foreach (var pair in pairs ?? [])
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var name = at < 0 ? pair : pair[..at];
            members[name] = at >= 0 ? pair[(at + 1)..]
                : takesFromShell && Environment.GetEnvironmentVariable(name) is { } value ? value
                : throw new CommandFailedException(ExitCodes.Usage, $"{option} {pair}: there is no value", $"write {option} {name}=VALUE");
        }

        return members;
    }

    /// <summary>A volume and its place as JSON.</summary>
    public static JsonObject Volume(string text) => VolumeMount.Parse(text) is { } mount
        ? new JsonObject { ["name"] = mount.Name, ["path"] = mount.Path, ["readOnly"] = mount.ReadOnly }
        : throw new CommandFailedException(ExitCodes.Usage, $"--volume {text}: not of the form NAME:/path or NAME:/path:ro, or nothing can be there", "for example --volume data:/data");

    /// <summary>What Start is asked for.</summary>
    public static JsonObject Start(ParseResult arguments, IReadOnlyList<string> command, JsonObject environment)
    {
        var process = new JsonObject
        {
            ["cmd"] = command[0],
            ["args"] = new JsonArray([.. command.Skip(1).Select(a => JsonValue.Create(a))]),
            ["envs"] = environment,
        };
        if (arguments.GetValue(Folder) is { } folder)
        {
            process["cwd"] = folder;
        }

        return new JsonObject { ["process"] = process };
    }

    /// <summary>A moment for people, in this machine's time.</summary>
    public static string Time(string moment) =>
        DateTimeOffset.TryParse(moment, CultureInfo.InvariantCulture, out var time) ? time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : moment;
}
