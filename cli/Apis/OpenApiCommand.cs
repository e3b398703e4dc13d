using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;

using ToolRuntime.Cli.Functions;
using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Functions;

namespace ToolRuntime.Cli.Apis;

/// <summary><c>toolrt openapi</c>: an HTTP API as tools, at the running instance or, where none runs, served by this process.</summary>
internal static class OpenApiCommand
{
    private static readonly Option<bool> s_standalone = new("--standalone") { Description = "Serve from this process even where an instance runs" };
    private static readonly Option<bool> s_stdio = new("--stdio") { Description = "Serve from this process on standard input and output" };
    private static readonly Option<int?> s_port = new("--port") { Description = "Port to serve at from this process (default 7071, or a free one)" };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("openapi",
            "Makes the operations of an HTTP API tools. With an instance running it registers there; else this process serves them by itself, on loopback, without root.",
            "toolrt openapi https://example.com/openapi.yaml --name shop --auth bearer:env:SHOP_TOKEN",
            "toolrt openapi ./github.json --read-only --tag repos",
            "toolrt openapi ./internal.yaml --allow-host 10.1.2.3",
            "toolrt openapi ./openapi.yaml --stdio")
        { ApiArguments.Source, s_standalone, s_stdio, s_port };
        foreach (var option in ApiArguments.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var source = arguments.GetValue(ApiArguments.Source)!;
        var alone = arguments.GetValue(s_standalone) || arguments.GetValue(s_stdio) || arguments.GetValue(s_port) is not null
            || (arguments.GetValue(InstanceArguments.Server) is null && InstanceArguments.Folder(arguments).Running() is null);
        if (alone)
        {
            return await StandaloneServer.RunAsync(arguments, source, (arguments.GetValue(s_stdio), arguments.GetValue(s_port)), cancellationToken);
        }

        using var client = InstanceArguments.Connect(arguments);
        var registered = await RegisterAsync(arguments, client, source, cancellationToken);
        Print(arguments, client, registered);
        return ExitCodes.Done;
    }

    private static async Task<JsonElement> RegisterAsync(ParseResult arguments, AdminClient client, string source, CancellationToken cancellationToken)
    {
        var url = SourceDocuments.Url(source);
        var package = url is null ? await SourceDocuments.FromFileAsync(source, arguments, cancellationToken) : null;
        var settings = ApiArguments.Settings(arguments, url ?? package!.Root, isFetched: url is not null);
        settings = settings with { Credentials = await StoredCredentials.StoreAsync(settings.Credentials, client, cancellationToken) };
        using var body = package is null ? null : new StreamContent(await package.WriteAsync(cancellationToken)) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        var path = DeployCommand.Query(
            "/admin/apis",
            ("name", arguments.GetValue(ApiArguments.Name)),
            ("timeout", arguments.GetValue(ApiArguments.Timeout)?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("settings", JsonSerializer.Serialize(settings, FunctionsJson.Default.ApiSettings)));
        JsonElement result = default;
        var steps = new Steps();
        await steps.RunAsync(async () =>
        {
            steps.Report(url is null ? "registering" : $"fetching {url.Host}");
            result = await client.JsonAsync(HttpMethod.Post, path, body, cancellationToken);
        });
        return result;
    }

    private static void Print(ParseResult arguments, AdminClient client, JsonElement result)
    {
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return;
        }

        var name = result.Text("name");
        var report = result.GetProperty("report");
        Console.Out.WriteLine($"{name}: {report.GetProperty("callable").GetInt32()} of {report.GetProperty("operations").GetInt32()} operations are tools (version {DeployCommand.Short(result.Text("version"))})");
        foreach (var refusal in report.Items("refusals").Take(10))
        {
            Console.Error.WriteLine($"  refused: {refusal.Text("pointer")}: {refusal.Text("code")}: {refusal.Text("message")}");
        }

        foreach (var tool in result.Items("tools").Take(50))
        {
            Console.Out.WriteLine($"  {tool.GetString()}");
        }

        Console.Out.WriteLine($"MCP endpoint: {new Uri(client.Server, $"/mcp/{name}")}, among all others {new Uri(client.Server, "/mcp")}");
    }
}
