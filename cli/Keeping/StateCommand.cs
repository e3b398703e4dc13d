using System.CommandLine;
using System.Net;
using System.Text;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Keeping;

/// <summary><c>toolrt state</c>: what sessions and the tenant remember.</summary>
internal static class StateCommand
{
    private static readonly Argument<string> s_key = new("key") { Description = "The key" };
    private static readonly Argument<string> s_value = new("value") { Description = "One JSON value, or - to read it from standard input" };
    private static readonly Argument<string> s_prefix = new("prefix") { Description = "What the keys begin with", DefaultValueFactory = _ => "" };
    private static readonly Option<string?> s_session = new("--session") { Description = "The session whose state it is (default: the tenant's)" };
    private static readonly Option<double?> s_ttl = new("--ttl") { Description = "Seconds until it is forgotten" };
    private static readonly Option<ulong?> s_revision = new("--if-revision") { Description = "Only where the key is at this revision; 0: only where it is not there" };

    public static void AddTo(RootCommand root)
    {
        var get = new Verb("get", "Prints a value.", "toolrt state get settings") { s_key, s_session };
        get.SetAction(GetAsync);
        var put = new Verb("put", "Remembers a value and prints its revision.", "toolrt state put settings '{\"theme\":\"dark\"}' --ttl 3600") { s_key, s_value, s_session, s_ttl, s_revision };
        put.SetAction(PutAsync);
        var list = new Verb("list", "Lists keys.") { s_prefix, s_session };
        list.SetAction(ListAsync);
        var remove = new Verb("rm", "Forgets a key.") { s_key, s_session, s_revision };
        remove.SetAction(RemoveAsync);
        root.Subcommands.Add(new Verb("state", "Small values that functions and agents remember, of a session or of all.") { get, put, list, remove });
    }

    private static async Task<int> GetAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        Printer.Json(await client.JsonAsync(HttpMethod.Get, PathOf(arguments, arguments.GetValue(s_key)!), null, cancellationToken));
        return ExitCodes.Done;
    }

    private static async Task<int> PutAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var value = arguments.GetValue(s_value) is { } given && given != "-" ? given : await Console.In.ReadToEndAsync(cancellationToken);
        var path = PathOf(arguments, arguments.GetValue(s_key)!) + (arguments.GetValue(s_ttl) is { } ttl ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"?ttl={ttl}") : "");
        Console.Out.WriteLine((await WriteAsync(client, HttpMethod.Put, path, new StringContent(value, Encoding.UTF8, "application/json"), (arguments.GetValue(s_revision), cancellationToken)))?.Trim('"'));
        return ExitCodes.Done;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, $"{PathOf(arguments, "")}?prefix={Uri.EscapeDataString(arguments.GetValue(s_prefix)!)}", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
            return ExitCodes.Done;
        }

        Printer.Table(["key", "revision", "expires"], result.Items("keys").Select(k => (IReadOnlyList<string>)[k.Text("key"), k.GetProperty("revision").GetRawText(), k.Text("expires")]));
        return ExitCodes.Done;
    }

    private static async Task<int> RemoveAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        await WriteAsync(client, HttpMethod.Delete, PathOf(arguments, arguments.GetValue(s_key)!), null, (arguments.GetValue(s_revision), cancellationToken));
        return ExitCodes.Done;
    }

    /// <summary>Writes, and gives the tag of the new revision.</summary>
    private static async Task<string?> WriteAsync(AdminClient client, HttpMethod method, string path, HttpContent? body, (ulong? Revision, CancellationToken CancellationToken) how)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (how.Revision is { } revision)
        {
            request.Headers.TryAddWithoutValidation(revision == 0 ? "If-None-Match" : "If-Match", revision == 0 ? "*" : $"\"{revision}\"");
        }

        using var response = await client.SendAsync(request, how.CancellationToken);
        return response.StatusCode == HttpStatusCode.NoContent
            ? response.Headers.ETag?.Tag
            : throw Problem.Read(await response.Content.ReadAsStringAsync(how.CancellationToken), (int)response.StatusCode);
    }

    private static string PathOf(ParseResult arguments, string key) =>
        $"/v1/state/{(arguments.GetValue(s_session) is { } session ? $"session/{Uri.EscapeDataString(session)}" : "tenant")}/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}";
}
