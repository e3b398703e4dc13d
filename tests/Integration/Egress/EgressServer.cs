using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ToolRuntime.Tests.Integration.Egress;

/// <summary>A server outside of sandboxes, on the host's loopback, with and without TLS; writes down what it gets.</summary>
internal sealed class EgressServer : IAsyncDisposable
{
    /// <summary>Its name in certificates.</summary>
    public const string Name = "server.test";

    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;

    private EgressServer(WebApplication application, X509Certificate2 authority, X509Certificate2 certificate) =>
        (_application, Authority, _certificate) = (application, authority, certificate);

    /// <summary>Who must be trusted to trust it.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>Port without TLS.</summary>
    public int Port { get; private set; }

    /// <summary>Port with TLS.</summary>
    public int TlsPort { get; private set; }

    /// <summary>Method, target and headers of each request.</summary>
    public ConcurrentQueue<(string Method, string Target, Dictionary<string, string> Headers)> Requests { get; } = new();

    /// <summary>What it answers; "hello" unless told otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context => context.Response.WriteAsync("hello");

    public static async Task<EgressServer> StartAsync()
    {
        var (authority, certificate) = Certify();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        var server = new EgressServer(builder.Build(), authority, certificate);
        server._application.UseWebSockets();
        server._application.Run(server.TakeAsync);
        await server._application.StartAsync();
        var addresses = server._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        (server.Port, server.TlsPort) = (addresses.Single(a => a.Scheme == "http").Port, addresses.Single(a => a.Scheme == "https").Port);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        // A hanging answer must not hold the test's end.
        using var now = new CancellationTokenSource(0);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        _certificate.Dispose();
        Authority.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Requests.Enqueue((context.Request.Method, context.Request.Path + context.Request.QueryString, headers));
        await Answer(context);
    }

    private static (X509Certificate2 Authority, X509Certificate2 Certificate) Certify()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=outside", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var root = authority.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + Name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(root, from, to, [1, 2, 3, 4]);
        using var withKey = leaf.CopyWithPrivateKey(key);
        return (root, X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null));
    }
}
