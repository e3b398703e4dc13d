using System.Collections.Frozen;

using ToolRuntime.Sandbox.Agent;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>
/// The proxies that every code sandbox has on its loopback, and the environment by which programs find them and what they trust. Set up at boot and
/// before the worker starts, whatever may go out: rules change while programs run that have read all this at their start. Nobody takes what the
/// proxies send before <see cref="AgentClient.OnOpened"/> is set; until then it is refused.
/// </summary>
public static class SandboxProxies
{
    /// <summary>Port of the HTTP proxy.</summary>
    public const int HttpPort = 3128;

    /// <summary>Port of the SOCKS5 proxy.</summary>
    public const int SocksPort = 1080;

    /// <summary>What the image trusts, in one file.</summary>
    public const string TrustFile = "/etc/ssl/certs/ca-certificates.crt";

    /// <summary>The authority of who owns the sandbox, once it is there.</summary>
    public const string AuthorityFile = "/run/toolrt/egress-authority.pem";

    /// <summary>Changes with what is set up, so that no snapshot of the former is taken for one.</summary>
    internal const int Form = 2;

    /// <summary>The variables that name a file of what is trusted.</summary>
    public static IReadOnlyList<string> TrustVariables { get; } = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT"];

    private static readonly FrozenDictionary<string, string> s_environment = Variables().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Makes the agent listen, and sets the environment of what is started from here on.</summary>
    public static Task PrepareAsync(AgentClient agent, CancellationToken cancellationToken) => Task.WhenAll(
        agent.ListenForEgressAsync(HttpPort, SocksPort, cancellationToken).AsTask(),
        agent.SetEnvironmentAsync(s_environment, cancellationToken).AsTask());

    private static IEnumerable<KeyValuePair<string, string>> Variables()
    {
        var proxy = $"http://127.0.0.1:{HttpPort}";
        (string Name, string Value)[] proxies = [("HTTP_PROXY", proxy), ("HTTPS_PROXY", proxy), ("ALL_PROXY", proxy), ("NO_PROXY", "localhost,127.0.0.1,::1")];

        // In both spellings, for programs differ in which they read.
        return proxies.SelectMany(p => new KeyValuePair<string, string>[] { new(p.Name, p.Value), new(p.Name.ToLowerInvariant(), p.Value) })
            .Concat(TrustVariables.Select(name => new KeyValuePair<string, string>(name, TrustFile)))
            .Append(new("NODE_EXTRA_CA_CERTS", AuthorityFile))
            .Append(new("NODE_USE_ENV_PROXY", "1"))

            // Node 22 says at every start, and in every worker, that its use of proxies is an experiment.
            .Append(new("NODE_NO_WARNINGS", "1"));
    }
}
