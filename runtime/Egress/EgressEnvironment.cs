namespace ToolRuntime.Runtime.Egress;

/// <summary>The environment by which programs in a sandbox find its proxies, and trust what the host shows them.</summary>
internal static class EgressEnvironment
{
    /// <summary>Port of the HTTP proxy.</summary>
    public const int HttpPort = 3128;

    /// <summary>Port of the SOCKS5 proxy.</summary>
    public const int SocksPort = 1080;

    /// <summary>What the image trusts, in one file; the instance's own authority is added at its end.</summary>
    public const string TrustFile = "/etc/ssl/certs/ca-certificates.crt";

    /// <summary>The instance's own authority alone.</summary>
    public const string AuthorityFile = "/run/toolrt/egress-authority.pem";

    /// <summary>What the image trusts and the instance's own authority, where the image's file cannot be written.</summary>
    public const string CopyFile = "/run/toolrt/egress-trust.pem";

    private static readonly string s_proxy = $"http://127.0.0.1:{HttpPort}";
    private static readonly string[] s_trust = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT"];

    // In both spellings, for programs differ in which they read.
    private static IEnumerable<KeyValuePair<string, string>> Proxies =>
    [
        .. Both("HTTP_PROXY", s_proxy),
        .. Both("HTTPS_PROXY", s_proxy),
        .. Both("ALL_PROXY", s_proxy),
        .. Both("NO_PROXY", "localhost,127.0.0.1,::1"),
        new("NODE_USE_ENV_PROXY", "1"),
    ];

    private static IEnumerable<KeyValuePair<string, string>> Trust(string file) => s_trust.Select(name => new KeyValuePair<string, string>(name, file));

    /// <summary>All of it, where <paramref name="trustFile"/> holds what is trusted.</summary>
    public static Dictionary<string, string> Of(string trustFile) =>
        Proxies.Concat(Trust(trustFile)).Append(new("NODE_EXTRA_CA_CERTS", AuthorityFile)).ToDictionary(StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, string>> Both(string name, string value) => [new(name, value), new(name.ToLowerInvariant(), value)];
}
