using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ToolRuntime.Bus.Nats;

/// <summary>What TLS is done with. Names as in NATS.Net.</summary>
internal sealed record NatsTlsOpts
{
    /// <summary>PEM file of the authorities that are trusted, in place of the system's; or null.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the client's certificate, or null.</summary>
    public string? CertFile { get; init; }

    /// <summary>PEM file of its key, or null.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Options of a handshake with <paramref name="host"/>; reads the files anew, so that renewed ones are used at the next connection.</summary>
    public SslClientAuthenticationOptions For(string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (CaFile is { } authorities)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(authorities);
            options.CertificateChainPolicy = policy;
        }

        if (CertFile is { } certificate)
        {
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, KeyFile)];
        }

        return options;
    }
}
