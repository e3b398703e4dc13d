using System.Security.Cryptography.X509Certificates;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>A certificate that we show (mutual TLS).</summary>
/// <param name="Certificate">With its private key.</param>
/// <param name="Hosts">To whom.</param>
public sealed record ClientCertificate(X509Certificate2 Certificate, IReadOnlySet<string> Hosts)
{
    /// <summary>Says nothing of the key.</summary>
    public override string ToString() => $"certificate {Certificate.Subject}";
}
