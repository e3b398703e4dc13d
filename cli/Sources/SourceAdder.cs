using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Functions;
using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Sandboxes;

namespace ToolRuntime.Cli.Sources;

/// <summary>Adds a server: stores the secrets that come with it, then registers it where it is or has it built.</summary>
internal static class SourceAdder
{
    public static async Task AddAsync(AdminClient client, ParseResult arguments, SourcePlan plan, CancellationToken cancellationToken)
    {
        Refuse(arguments, plan);
        var secrets = await StoreAsync(client, arguments.GetValue(SourceOptions.Secrets)!, cancellationToken);
        await RequireAsync(client, plan, cancellationToken);
        if (plan.IsRemote)
        {
            using var body = Json(RemoteManifest(arguments, plan));
            var result = await client.JsonAsync(HttpMethod.Put, $"/admin/sources/{Uri.EscapeDataString(plan.Name)}", body, cancellationToken);
            Print(arguments, client, plan, result);
            return;
        }

        using var command = Json(new JsonObject { ["mcp"] = new JsonArray([.. plan.Words.Select(w => JsonValue.Create(w))]) });
        var path = DeployCommand.Query("/admin/functions", ("name", plan.Name), ("manifest", SandboxManifest(arguments, plan, secrets).ToJsonString()));
        var steps = new Steps();
        JsonElement built = default;
        await steps.RunAsync(async () => built = await DeployCommand.FollowAsync(client, path, command, steps, cancellationToken));
        Print(arguments, client, plan, built);
    }

    /// <summary>What is of no use to a server of that kind is refused: an option that does nothing would be taken for a wall.</summary>
    private static void Refuse(ParseResult arguments, SourcePlan plan)
    {
        Option[] wrong = plan.IsRemote
            ? [SourceOptions.Isolation, SourceOptions.Environment, SourceOptions.Memory, SourceOptions.Port, SourceOptions.Egress, SourceOptions.Volumes]
            : [SourceOptions.Headers, SourceOptions.AllowHosts, SourceOptions.Transport, SourceOptions.Sessions, SourceOptions.Refresh, SourceOptions.ClientId, SourceOptions.ClientSecret, SourceOptions.RefreshToken, SourceOptions.Scope, SourceOptions.TokenUrl, SourceOptions.Issuer];
        if (Array.Find(wrong, o => arguments.GetResult(o) is { Implicit: false }) is { } option)
        {
            throw new CommandFailedException(ExitCodes.Usage, plan.IsRemote ? $"{option.Name} is for servers in sandboxes, and {plan.Url} is somewhere else" : $"{option.Name} is for remote servers");
        }
    }

    /// <summary>Stores <c>NAME=env:VARIABLE</c> and <c>NAME=file:PATH</c>; gives all names.</summary>
    private static async Task<IReadOnlyList<string>> StoreAsync(AdminClient client, string[] secrets, CancellationToken cancellationToken)
    {
        List<string> names = [];
        foreach (var secret in secrets)
        {
            var at = secret.IndexOf('=');
            names.Add(at < 0 ? secret : secret[..at]);
            if (at >= 0)
            {
                using var value = new ByteArrayContent(Value(secret[..at], secret[(at + 1)..]));
                await client.JsonAsync(HttpMethod.Put, $"/admin/secrets/{Uri.EscapeDataString(secret[..at])}", value, cancellationToken);
            }
        }

        return names;
    }

    private static byte[] Value(string name, string reference)
    {
        if (reference.StartsWith("env:", StringComparison.Ordinal))
        {
            return Environment.GetEnvironmentVariable(reference[4..]) is { Length: > 0 } value
                ? Encoding.UTF8.GetBytes(value)
                : throw new CommandFailedException(ExitCodes.Usage, $"--secret {name}: the variable {reference[4..]} is not set");
        }

        return reference.StartsWith("file:", StringComparison.Ordinal) && File.Exists(reference[5..])
            ? File.ReadAllBytes(reference[5..])
            : throw new CommandFailedException(ExitCodes.Usage, $"--secret {name}: give env:VARIABLE or file:PATH, never the value itself");
    }

    private static async Task RequireAsync(AdminClient client, SourcePlan plan, CancellationToken cancellationToken)
    {
        if (plan.Secrets.Count == 0)
        {
            return;
        }

        var stored = (await client.JsonAsync(HttpMethod.Get, "/admin/secrets", null, cancellationToken)).Items("secrets").Select(s => s.GetString()).ToHashSet(StringComparer.Ordinal);
        if (plan.Secrets.Where(s => !stored.Contains(s)).ToList() is { Count: > 0 } missing)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{plan.Name} needs secrets: {string.Join(", ", missing)}", $"give each with --secret {missing[0]}=env:VARIABLE, or 'toolrt secrets set {missing[0]}'");
        }
    }

    private static JsonObject RemoteManifest(ParseResult arguments, SourcePlan plan)
    {
        var headers = new JsonObject();
        foreach (var (name, value) in plan.Headers.Concat(Pairs(arguments.GetValue(SourceOptions.Headers)!, "--header")))
        {
            headers[name] = value;
        }

        var remote = new JsonObject { ["url"] = plan.Url, ["headers"] = headers };
        Set(remote, "transport", arguments.GetValue(SourceOptions.Transport) ?? plan.Transport);
        Set(remote, "sessions", arguments.GetValue(SourceOptions.Sessions));
        if (arguments.GetValue(SourceOptions.AllowHosts) is { Length: > 0 } allowed)
        {
            remote["allowHosts"] = new JsonArray([.. allowed.Select(a => JsonValue.Create(a))]);
        }

        if (arguments.GetValue(SourceOptions.Refresh) is { } seconds)
        {
            remote["refreshSeconds"] = seconds;
        }

        if (arguments.GetValue(SourceOptions.ClientId) is { } client)
        {
            var authorization = new JsonObject { ["clientId"] = client };
            Set(authorization, "clientSecret", arguments.GetValue(SourceOptions.ClientSecret));
            Set(authorization, "refreshToken", arguments.GetValue(SourceOptions.RefreshToken));
            Set(authorization, "scope", arguments.GetValue(SourceOptions.Scope));
            Set(authorization, "tokenUrl", arguments.GetValue(SourceOptions.TokenUrl));
            Set(authorization, "issuer", arguments.GetValue(SourceOptions.Issuer));
            remote["authorization"] = authorization;
        }

        var manifest = Common(arguments, plan);
        manifest["remote"] = remote;
        return manifest;
    }

    private static JsonObject SandboxManifest(ParseResult arguments, SourcePlan plan, IReadOnlyList<string> secrets)
    {
        var manifest = Common(arguments, plan);
        if (arguments.GetValue(SourceOptions.Isolation) is { } isolation)
        {
            manifest["isolation"] = isolation switch
            {
                "call" => "request",
                "session" => "session",
                "tenant" or "server" => "function",
                _ => throw new CommandFailedException(ExitCodes.Usage, $"--isolation {isolation} is none of call, session, tenant, server"),
            };
        }

        if (arguments.GetValue(SourceOptions.Memory) is { } memory)
        {
            manifest["limits"] = new JsonObject { ["memoryMiB"] = memory };
        }

        if (arguments.GetValue(SourceOptions.Port) is { } port)
        {
            manifest["port"] = port;
        }

        Reach(arguments, manifest);
        var given = Pairs(arguments.GetValue(SourceOptions.Environment)!, "--env").ToList();
        var open = plan.Environment.Where(e => e.Value is null && !given.Any(g => g.Key == e.Key)).Select(e => e.Key).ToList();
        if (open.Count > 0)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{plan.Name} needs settings: {string.Join(", ", open)}", $"give each with --env {open[0]}=VALUE");
        }

        var environment = new JsonObject();
        foreach (var (name, value) in plan.Environment.Where(e => e.Value is not null).Select(e => KeyValuePair.Create(e.Key, e.Value!)).Concat(given))
        {
            environment[name] = value;
        }

        manifest["environment"] = environment;
        if (secrets.Union(plan.Secrets, StringComparer.Ordinal).ToList() is { Count: > 0 } names)
        {
            manifest["secrets"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]);
        }

        return manifest;
    }

    /// <summary>What of the world a server in a sandbox gets: hosts and volumes.</summary>
    private static void Reach(ParseResult arguments, JsonObject manifest)
    {
        if (arguments.GetValue(SourceOptions.Egress) is { Length: > 0 } hosts)
        {
            manifest["egress"] = new JsonArray([.. hosts.Select(h => JsonValue.Create(h))]);
        }

        if (arguments.GetValue(SourceOptions.Volumes) is { Length: > 0 } volumes)
        {
            manifest["volumes"] = new JsonArray([.. volumes.Select(v => SandboxOptions.Volume(v))]);
        }
    }

    private static JsonObject Common(ParseResult arguments, SourcePlan plan)
    {
        var manifest = new JsonObject { ["prefix"] = arguments.GetValue(SourceOptions.Prefix) ?? $"{plan.Name}_" };
        Set(manifest, "onFailure", arguments.GetValue(SourceOptions.OnFailure));
        if (arguments.GetValue(SourceOptions.Timeout) is { } seconds)
        {
            manifest["timeoutSeconds"] = seconds;
        }

        return manifest;
    }

    private static void Set(JsonObject target, string name, string? value)
    {
        if (value is not null)
        {
            target[name] = value;
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string[] settings, string option) => settings.Select(setting =>
    {
        var at = setting.IndexOf('=');
        return at > 0 ? KeyValuePair.Create(setting[..at].Trim(), setting[(at + 1)..].Trim()) : throw new CommandFailedException(ExitCodes.Usage, $"{option} {setting}: not of the form NAME=VALUE");
    });

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private static void Print(ParseResult arguments, AdminClient client, SourcePlan plan, JsonElement result)
    {
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return;
        }

        foreach (var warning in result.Items("warnings"))
        {
            Console.Error.WriteLine($"warning: {warning.GetString()}");
        }

        var speaks = result.Text("revision") is { Length: > 0 } revision ? $", which speaks MCP {revision} over {result.Text("transport")}" : "";
        Console.Out.WriteLine($"added {plan.Name}{speaks}");
        foreach (var tool in result.Items("tools"))
        {
            Console.Out.WriteLine($"  {(tool.ValueKind == JsonValueKind.String ? tool.GetString() : tool.Text("name"))}");
        }

        Console.Out.WriteLine($"MCP endpoint: {new Uri(client.Server, "/mcp")}, or {new Uri(client.Server, $"/mcp/{plan.Name}")} for this server alone");
    }
}
