using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using ToolRuntime.Runtime.Egress.Http;

namespace ToolRuntime.Runtime.Egress.Tls;

/// <summary>Ends the sandbox's TLS here, and begins a connection of our own to the server, whose certificate we check: the sandbox cannot ask us not to.</summary>
internal static class TlsRelay
{
    private static readonly List<SslApplicationProtocol> s_http = [SslApplicationProtocol.Http11];

    /// <summary>Both ends. Where the server's cannot be had, the failure is left for who answers the sandbox.</summary>
    /// <exception cref="IOException">The sandbox gave up.</exception>
    /// <exception cref="AuthenticationException">The sandbox does not trust us.</exception>
    public static async Task<(SslStream Guest, Task<SslStream> Server)> OpenAsync(
        TlsTerms terms, EgressHost host, (BufferedInput Input, Stream Output) guest, Stream server, CancellationToken cancellationToken)
    {
        var connecting = ConnectAsync(terms, host, server, cancellationToken);
        var accepted = new SslStream(new ReplayStream(guest.Input, guest.Output), leaveInnerStreamOpen: true);
        try
        {
            var options = new SslServerAuthenticationOptions { ServerCertificateContext = terms.Authority.CertificateOf(host), ApplicationProtocols = s_http };
            await accepted.AuthenticateAsServerAsync(options, cancellationToken);
            return (accepted, connecting);
        }
        catch
        {
            await accepted.DisposeAsync();
            _ = connecting.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }

    private static async Task<SslStream> ConnectAsync(TlsTerms terms, EgressHost host, Stream server, CancellationToken cancellationToken)
    {
        var stream = new SslStream(server, leaveInnerStreamOpen: true);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = host.Text,
                ApplicationProtocols = s_http,
                CertificateChainPolicy = terms.Trust,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            };
            await stream.AuthenticateAsClientAsync(options, cancellationToken);
            return stream;
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            await stream.DisposeAsync();
            throw new EgressFailedException($"no TLS with {host.Text}: {error.InnerException?.Message ?? error.Message}", error);
        }
    }
}

/// <summary>By what TLS is ended here and begun anew.</summary>
/// <param name="Authority">Whose certificates the sandbox sees.</param>
/// <param name="Trust">By what servers are trusted; null for what the machine trusts.</param>
internal sealed record TlsTerms(EgressAuthority Authority, X509ChainPolicy? Trust)
{
    /// <summary>Authorities that the machine trusts beyond what images do, as PEM; or empty.</summary>
    public string MachineTrust { get; init; } = "";

    /// <summary>What a sandbox is to trust beside what its image does, as PEM.</summary>
    public string GuestTrust => Authority.Pem + MachineTrust;
}
