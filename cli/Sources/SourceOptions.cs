using System.CommandLine;

namespace ToolRuntime.Cli.Sources;

/// <summary>The options of <c>toolrt mcp add</c> and <c>toolrt mcp import</c>.</summary>
internal static class SourceOptions
{
    public static Option<string?> Prefix { get; } = new("--prefix") { Description = "Stands before the names of its tools and prompts, for good (default: NAME_)" };

    public static Option<string?> OnFailure { get; } = new("--on-failure") { Description = "What lists show while it does not answer: keep (its last list) or hide" };

    public static Option<int?> Timeout { get; } = new("--timeout") { Description = "Most seconds of one call" };

    public static Option<string[]> Secrets { get; } = new("--secret")
    {
        Description = "NAME=env:VARIABLE or NAME=file:PATH stores a secret under NAME first; NAME alone is stored already. A server in a sandbox gets it as environment; repeat for more",
        DefaultValueFactory = _ => [],
    };

    public static Option<string[]> Headers { get; } = new("--header")
    {
        Description = "NAME=VALUE for every request to a remote server; a VALUE that ends with secret:NAME gets that stored secret; repeat for more",
        DefaultValueFactory = _ => [],
    };

    public static Option<string[]> AllowHosts { get; } = new("--allow-host")
    {
        Description = "Private address, host or network (10.0.0.0/8) that the remote server may be at; repeat for more",
        DefaultValueFactory = _ => [],
    };

    public static Option<string?> Transport { get; } = new("--transport") { Description = "How a remote server speaks: auto, streamable-http or sse" };

    public static Option<string?> Sessions { get; } = new("--sessions") { Description = "Who shares a session of a remote server that keeps sessions: session, caller or tenant" };

    public static Option<int?> Refresh { get; } = new("--refresh") { Description = "Seconds between looks at a remote server's lists while it says nothing itself" };

    public static Option<string?> ClientId { get; } = new("--client-id") { Description = "OAuth client id for a remote server" };

    public static Option<string?> ClientSecret { get; } = new("--client-secret") { Description = "Name of the stored secret with the OAuth client's secret" };

    public static Option<string?> RefreshToken { get; } = new("--refresh-token") { Description = "Name of the stored secret with an OAuth refresh token, instead of client credentials" };

    public static Option<string?> Scope { get; } = new("--scope") { Description = "OAuth scopes, separated by spaces" };

    public static Option<string?> TokenUrl { get; } = new("--token-url") { Description = "OAuth token endpoint (default: what the server's metadata says)" };

    public static Option<string?> Issuer { get; } = new("--issuer") { Description = "OAuth authorization server that the secrets are for, where it is on another host than the server" };

    public static Option<string?> Isolation { get; } = new("--isolation") { Description = "Which calls share one process of a server in a sandbox: call, session, tenant or server" };

    public static Option<string[]> Environment { get; } = new("--env") { Description = "NAME=VALUE for a server in a sandbox, no secrets; repeat for more", DefaultValueFactory = _ => [] };

    public static Option<int?> Memory { get; } = new("--memory") { Description = "Memory of a sandbox, MiB" };

    public static Option<int?> Port { get; } = new("--port") { Description = "Port on which the server in the sandbox speaks streamable HTTP at /mcp, instead of stdio" };

    public static Option<string[]> Egress { get; } = new("--egress") { Description = "Host, address or network that a server in a sandbox may reach, through the proxy that its environment names; nothing else is. Repeat for more", DefaultValueFactory = _ => [] };

    public static Option<string[]> Volumes { get; } = new("--volume") { Description = "NAME:/PATH or NAME:/PATH:ro, a volume for a server in a sandbox; repeat for more", DefaultValueFactory = _ => [] };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[Prefix, OnFailure, Timeout, Secrets, Headers, AllowHosts, Transport, Sessions, Refresh, ClientId, ClientSecret, RefreshToken, Scope, TokenUrl, Issuer, Isolation, Environment, Memory, Port, Egress, Volumes])
        {
            command.Options.Add(option);
        }
    }
}
