using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sources;

/// <summary>
/// A <c>server.json</c> of an MCP registry (schema 2025-12-11) as a server to add: an npm package that speaks stdio goes into a sandbox,
/// else the first remote is taken. What the description calls secret is asked for by name and never stands in it.
/// </summary>
internal static partial class ServerJson
{
    private static readonly JsonDocumentOptions s_lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a description.</summary>
    /// <exception cref="CommandFailedException">It is none, or has nothing that can run here.</exception>
    public static SourcePlan Read(string text, string? name)
    {
        JsonElement server;
        try
        {
            using var document = JsonDocument.Parse(text, s_lenient);
            server = document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"server.json is no JSON: {error.Message}");
        }

        // What a registry's API answers wraps the description.
        server = server.ValueKind == JsonValueKind.Object && server.TryGetProperty("server", out var inner) ? inner : server;
        name ??= NotAName().Replace(server.Text("name").Split('/')[^1], "_").TrimStart('_', '-');
        if (server.Items("packages").FirstOrDefault(IsRunnable) is { ValueKind: JsonValueKind.Object } package)
        {
            return Package(name, package);
        }

        var remotes = server.Items("remotes").ToList();
        var remote = remotes.Find(r => r.Text("type") == "streamable-http") is { ValueKind: JsonValueKind.Object } streamable ? streamable : remotes.Find(r => r.Text("type") == "sse");
        return remote.ValueKind == JsonValueKind.Object
            ? Remote(name, remote)
            : throw new CommandFailedException(ExitCodes.Refused, $"{server.Text("name")} has no npm package that speaks stdio and no remote", "other kinds of packages do not run here");
    }

    private static bool IsRunnable(JsonElement package) =>
        package.Text("registryType") == "npm" && (!package.TryGetProperty("transport", out var transport) || transport.Text("type") is "" or "stdio");

    private static SourcePlan Package(string name, JsonElement package)
    {
        var version = package.Text("version");
        List<string> words = ["npx", "-y", version.Length > 0 ? $"{package.Text("identifier")}@{version}" : package.Text("identifier")];
        foreach (var argument in package.Items("packageArguments"))
        {
            AddArgument(words, argument);
        }

        Dictionary<string, string?> environment = new(StringComparer.Ordinal);
        List<string> secrets = [];
        foreach (var variable in package.Items("environmentVariables"))
        {
            var (isSecret, isRequired) = (Flag(variable, "isSecret"), Flag(variable, "isRequired"));
            if (isSecret && isRequired)
            {
                secrets.Add(variable.Text("name"));
            }
            else if (!isSecret && (Given(variable) ?? (isRequired ? "" : null)) is { } value)
            {
                environment[variable.Text("name")] = value.Length > 0 ? value : null;
            }
        }

        return new SourcePlan { Name = name, Words = words, Environment = environment, Secrets = secrets };
    }

    private static void AddArgument(List<string> words, JsonElement argument)
    {
        var value = Given(argument);
        if (value is null && argument.Text("type") == "positional")
        {
            if (Flag(argument, "isRequired"))
            {
                throw new CommandFailedException(ExitCodes.Refused, $"the argument '{argument.Text("valueHint")}' has no value in the description", "write the value into the file, then import it again");
            }

            return;
        }

        if (argument.Text("type") == "named" && (value is not null || Flag(argument, "isRequired")))
        {
            words.Add(argument.Text("name"));
        }

        if (value is { Length: > 0 })
        {
            words.Add(value);
        }
    }

    private static SourcePlan Remote(string name, JsonElement remote)
    {
        Dictionary<string, string> headers = new(StringComparer.Ordinal);
        List<string> secrets = [];
        foreach (var header in remote.Items("headers"))
        {
            var value = Given(header) ?? "";
            var isOpen = OpenPlace().Match(value);
            if (value.Length == 0 ? Flag(header, "isSecret") || Flag(header, "isRequired") : isOpen.Success)
            {
                var secret = NotASecretsName().Replace((isOpen.Success ? isOpen.Groups["name"].Value : header.Text("name")).ToUpperInvariant(), "_");
                secrets.Add(secret);
                headers[header.Text("name")] = $"{(isOpen.Success ? value[..isOpen.Index] : "")}secret:{secret}";
            }
            else if (value.Length > 0)
            {
                headers[header.Text("name")] = value;
            }
        }

        var url = Filled(remote.Text("url"), remote);
        return url.Contains('{', StringComparison.Ordinal)
            ? throw new CommandFailedException(ExitCodes.Refused, $"the URL {url} has places to fill in", $"fill them in: toolrt mcp add {name} URL")
            : new SourcePlan { Name = name, Url = url, Transport = remote.Text("type"), Headers = headers, Secrets = secrets };
    }

    private static string? Given(JsonElement input) => input.Text("value") is { Length: > 0 } value ? Filled(value, input) : input.Text("default") is { Length: > 0 } usual ? usual : null;

    /// <summary>A text with those of its places filled in for which the input's own variables have a value.</summary>
    private static string Filled(string text, JsonElement input) => input.TryGetProperty("variables", out var variables) && variables.ValueKind == JsonValueKind.Object
        ? Place().Replace(text, p => variables.TryGetProperty(p.Groups["name"].Value, out var variable) && !Flag(variable, "isSecret") && Given(variable) is { } value ? value : p.Value)
        : text;

    private static bool Flag(JsonElement input, string name) => input.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;

    [GeneratedRegex("[^A-Za-z0-9_-]", RegexOptions.None, 1000)]
    private static partial Regex NotAName();

    [GeneratedRegex("[^A-Z0-9_]", RegexOptions.None, 1000)]
    private static partial Regex NotASecretsName();

    [GeneratedRegex(@"\{(?<name>[A-Za-z0-9_.-]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();

    [GeneratedRegex(@"\{(?<name>[A-Za-z0-9_]+)\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OpenPlace();
}
