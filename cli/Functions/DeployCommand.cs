using System.CommandLine;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Functions;

/// <summary><c>toolrt deploy</c>: uploads a package and follows its build.</summary>
internal static class DeployCommand
{
    private static readonly Argument<string?> s_path = new("path")
    {
        Description = "A file (.py .js .mjs .ts .sh .csx) or a folder",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> s_name = new("--name") { Description = "Name to deploy under (default: the file's or folder's name)" };
    private static readonly Option<string?> s_mcp = new("--mcp") { Description = "Command line of an MCP server that speaks stdio, for example \"npx -y @modelcontextprotocol/server-everything\"" };
    private static readonly Option<string?> s_isolation = new("--isolation") { Description = "Which calls share a sandbox: function, session or request" };
    private static readonly Option<string?> s_retry = new("--retry") { Description = "Whether a lost call may run again: never or safe" };
    private static readonly Option<int?> s_timeout = new("--timeout") { Description = "Most seconds of one call" };
    private static readonly Option<int?> s_memory = new("--memory") { Description = "Memory of a sandbox, MiB" };
    private static readonly Option<bool> s_warm = new("--warm") { Description = "Be ready only once a sandbox is warm" };
    private static readonly Option<string[]> s_environment = new("--env") { Description = "NAME=VALUE, no secrets; repeat for more", DefaultValueFactory = _ => [] };
    private static readonly Option<string[]> s_secrets = new("--secret") { Description = "Name of a stored secret ('toolrt secrets set') to give as environment; repeat for more", DefaultValueFactory = _ => [] };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("deploy",
            "Makes a function, or an MCP server, a tool. Name, description and schemas come from the code.",
            "toolrt deploy ./add.py",
            "toolrt deploy ./my-tools --name tools --isolation session",
            "toolrt deploy --mcp \"npx -y @modelcontextprotocol/server-everything\" --name everything")
        { s_path, s_name, s_mcp, s_isolation, s_retry, s_timeout, s_memory, s_warm, s_environment, s_secrets };
        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        using var body = Body(arguments);
        var path = Query("/admin/functions", ("name", arguments.GetValue(s_name)), ("folder", FolderName(arguments.GetValue(s_path))), ("manifest", Manifest(arguments)));
        var steps = new Steps();
        JsonElement result = default;
        await steps.RunAsync(async () => result = await FollowAsync(client, path, body, steps, cancellationToken));
        Print(arguments, client, result);
        return ExitCodes.Done;
    }

    private static string? FolderName(string? path) => Directory.Exists(path) ? new DirectoryInfo(path).Name : null;

    private static HttpContent Body(ParseResult arguments)
    {
        var path = arguments.GetValue(s_path);
        if (arguments.GetValue(s_mcp) is { } mcp)
        {
            if (path is not null)
            {
                throw new CommandFailedException(ExitCodes.Usage, "give a path or --mcp, not both");
            }

            var json = JsonContent.Create(new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["mcp"] = CommandLine.Split(mcp) });
            return json;
        }

        if (path is null)
        {
            throw new CommandFailedException(ExitCodes.Usage, "what to deploy? give a file, a folder or --mcp", "toolrt deploy --help");
        }

        return new StreamContent(Package.Make(path)) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
    }

    internal static async Task<JsonElement> FollowAsync(AdminClient client, string path, HttpContent body, Steps steps, CancellationToken cancellationToken)
    {
        await foreach (var item in client.EventsAsync(HttpMethod.Post, path, body, cancellationToken))
        {
            switch (item.Name)
            {
                case "failed":
                    throw Problem.Read(item.Data, 422);
                case "completed" or "result":
                    using (var document = JsonDocument.Parse(item.Data))
                    {
                        return document.RootElement.Clone();
                    }

                default:
                    Report(item.Data, steps);
                    break;
            }
        }

        throw new CommandFailedException(ExitCodes.NotReached, "the server closed the stream before the deployment ended", "'toolrt tools' tells whether it went through");
    }

    private static void Report(string data, Steps steps)
    {
        using var document = JsonDocument.Parse(data);
        var text = document.RootElement.Text("text") is { Length: > 0 } t ? t : document.RootElement.Text("message");
        if (text.Length > 0)
        {
            steps.Report(text.TrimEnd());
        }
    }

    private static void Print(ParseResult arguments, AdminClient client, JsonElement result)
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

        Console.Out.WriteLine($"deployed {result.Text("name")} version {Short(result.Text("version"))}");
        foreach (var tool in result.Items("tools"))
        {
            Console.Out.WriteLine($"  {tool.Text("name")}  {FirstLine(tool.Text("description"))}");
        }

        Console.Out.WriteLine($"MCP endpoint: {new Uri(client.Server, "/mcp")}");
    }

    private static string Manifest(ParseResult arguments)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteText(json, "isolation", arguments.GetValue(s_isolation));
            WriteText(json, "retry", arguments.GetValue(s_retry));
            if (arguments.GetValue(s_timeout) is { } seconds)
            {
                json.WriteNumber("timeoutSeconds", seconds);
            }

            WriteNested(json, "limits", "memoryMiB", arguments.GetValue(s_memory) is { } memory ? w => w.WriteNumberValue(memory) : null);
            WriteNested(json, "pool", "warm", arguments.GetValue(s_warm) ? w => w.WriteBooleanValue(true) : null);
            WriteEnvironment(json, arguments.GetValue(s_environment)!);
            WriteSecrets(json, arguments.GetValue(s_secrets)!);
            json.WriteEndObject();
        }

        return buffer.Length > 2 ? Encoding.UTF8.GetString(buffer.ToArray()) : "";
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteNested(Utf8JsonWriter json, string outer, string inner, Action<Utf8JsonWriter>? value)
    {
        if (value is not null)
        {
            json.WriteStartObject(outer);
            json.WritePropertyName(inner);
            value(json);
            json.WriteEndObject();
        }
    }

    private static void WriteEnvironment(Utf8JsonWriter json, string[] settings)
    {
        if (settings.Length == 0)
        {
            return;
        }

        json.WriteStartObject("environment");
        foreach (var setting in settings)
        {
            var at = setting.IndexOf('=');
            if (at <= 0)
            {
                throw new CommandFailedException(ExitCodes.Usage, $"--env {setting}: not of the form NAME=VALUE");
            }

            json.WriteString(setting[..at], setting[(at + 1)..]);
        }

        json.WriteEndObject();
    }

    private static void WriteSecrets(Utf8JsonWriter json, string[] names)
    {
        if (names.Length > 0)
        {
            json.WriteStartArray("secrets");
            foreach (var name in names)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }
    }

    internal static string Query(string path, params (string Name, string? Value)[] members)
    {
        var query = string.Join('&', members.Where(m => !string.IsNullOrEmpty(m.Value)).Select(m => $"{m.Name}={Uri.EscapeDataString(m.Value!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    internal static string Short(string digest) => digest.Length > 12 ? digest[..12] : digest;

    internal static string FirstLine(string text) => text.Split('\n', 2)[0];
}
