using System.CommandLine;

using ToolRuntime.Cli.Output;
using ToolRuntime.Functions;

namespace ToolRuntime.Cli.Apis;

/// <summary>What <c>toolrt openapi</c> and <c>toolrt convert</c> can be told of an API, and the settings that come of it.</summary>
internal static class ApiArguments
{
    public static Argument<string> Source { get; } = new("source")
    {
        Description = "A document (file or URL; OpenAPI 3.x, Swagger 2.0, hand-written tools, HAR), a base URL that serves one, or grpc://host:port",
    };

    public static Option<string?> Name { get; } = new("--name") { Description = "Name of the source (default: from the document's title)" };

    public static Option<string[]> Auth { get; } = Many("--auth", "A credential: [SCHEME=]bearer:REF, apikey:REF, basic:USER:REF, oauth2:CLIENT:REF, exchange:CLIENT:REF, pass:HEADER or mtls:REF, where REF is env:NAME, file:PATH or secret:NAME; repeat for more");

    public static Option<string?> Server { get; } = new("--server-url") { Description = "Base URL in place of the document's servers" };

    public static Option<string[]> Variables { get; } = Many("--var", "NAME=VALUE of a server variable; repeat for more");

    public static Option<bool> ReadOnly { get; } = new("--read-only") { Description = "Only operations that change nothing" };

    public static Option<string[]> Tags { get; } = Many("--tag", "Only operations with this tag; repeat for more");

    public static Option<string[]> ExcludeTags { get; } = Many("--exclude-tag", "No operations with this tag; repeat for more");

    public static Option<string[]> Operations { get; } = Many("--operation", "Only operations whose id fits this glob; repeat for more");

    public static Option<string[]> AllowHosts { get; } = Many("--allow-host", "A private host, address or CIDR range that may be reached; repeat for more");

    public static Option<string[]> PassHeaders { get; } = Many("--pass-header", "A header of the caller's own request that is handed on to the API; repeat for more");

    public static Option<string[]> Overlays { get; } = Many("--overlay", "An OpenAPI Overlay document to apply, in this order; repeat for more");

    public static Option<string?> Prefix { get; } = new("--prefix") { Description = "What every tool's name begins with (default: NAME_)" };

    public static Option<int?> ListAtMost { get; } = new("--list-at-most") { Description = "With more tools than this, offer search, describe and call instead (default 40)" };

    public static Option<int?> Refresh { get; } = new("--refresh") { Description = "Seconds between two looks at the document's URL (default 300; 0: never)" };

    public static Option<int?> Timeout { get; } = new("--timeout") { Description = "Most seconds of one call (default 60)" };

    public static IEnumerable<Option> Filters => [ReadOnly, Tags, ExcludeTags, Operations, Prefix, Overlays, AllowHosts];

    public static IEnumerable<Option> All => [Name, Auth, Server, Variables, .. Filters, PassHeaders, ListAtMost, Refresh, Timeout];

    /// <summary>The settings that the arguments say.</summary>
    public static ApiSettings Settings(ParseResult arguments, Uri root, bool isFetched) => new()
    {
        Source = isFetched ? root.AbsoluteUri : null,
        Root = root.AbsoluteUri,
        Server = arguments.GetValue(Server),
        ServerVariables = Pairs("--var", arguments.GetValue(Variables)!),
        AllowedHosts = arguments.GetValue(AllowHosts)!,
        Credentials = arguments.GetValue(Auth)!,
        PassHeaders = arguments.GetValue(PassHeaders)!,
        ReadOnly = arguments.GetValue(ReadOnly),
        Tags = arguments.GetValue(Tags)!,
        ExcludeTags = arguments.GetValue(ExcludeTags)!,
        Operations = arguments.GetValue(Operations)!,
        Prefix = arguments.GetValue(Prefix),
        ListAtMost = arguments.GetValue(ListAtMost) ?? new ApiSettings { Root = "" }.ListAtMost,
        RefreshSeconds = arguments.GetValue(Refresh) ?? new ApiSettings { Root = "" }.RefreshSeconds,
    };

    private static Dictionary<string, string> Pairs(string option, string[] given)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw new CommandFailedException(ExitCodes.Usage, $"{option} {text}: not of the form NAME=VALUE");
            }

            pairs[text[..at]] = text[(at + 1)..];
        }

        return pairs;
    }

    private static Option<string[]> Many(string name, string description) => new(name) { Description = description, DefaultValueFactory = _ => [] };
}
