using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats;

/// <summary>What we say of ourselves in CONNECT.</summary>
internal sealed record NatsClientInfo(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("user")] string? User,
    [property: JsonPropertyName("pass")] string? Password)
{
    [JsonPropertyName("auth_token")]
    public string? Token { get; init; }

    [JsonPropertyName("jwt")]
    public string? Jwt { get; init; }

    [JsonPropertyName("nkey")]
    public string? NKey { get; init; }

    [JsonPropertyName("sig")]
    public string? Signature { get; init; }

    [JsonPropertyName("tls_required")]
    public bool TlsRequired { get; init; }

    /// <summary>What is said to a server that has introduced itself.</summary>
    public static NatsClientInfo Of(NatsOpts opts, NatsServerInfo server, bool isSecure)
    {
        var credentials = opts.AuthOpts.Credentials;
        var client = new NatsClientInfo(opts.Name, opts.AuthOpts.Username, opts.AuthOpts.Password) { Token = credentials?.Token, Jwt = credentials?.Jwt, TlsRequired = isSecure };
        return credentials?.Seed is not null && server.Nonce is { } nonce
            ? client with { NKey = credentials.Jwt is null ? credentials.PublicKey() : null, Signature = credentials.Sign(nonce) }
            : client;
    }

    [JsonPropertyName("lang")]
    public string Language => "csharp";

    [JsonPropertyName("version")]
    public string Version => "0.1.0";

    [JsonPropertyName("protocol")]
    public int Protocol => 1;

    [JsonPropertyName("headers")]
    public bool Headers => true;

    [JsonPropertyName("no_responders")]
    public bool NoResponders => true;

    [JsonPropertyName("verbose")]
    public bool Verbose => false;

    [JsonPropertyName("pedantic")]
    public bool Pedantic => false;
}
