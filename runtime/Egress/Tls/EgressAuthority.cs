using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ToolRuntime.Runtime.Egress.Tls;

/// <summary>
/// The certificate authority of this instance, which only its own sandboxes trust: its certificates let the host read TLS to hosts whose rules
/// are about methods, paths or headers, and no other. Its key is in a file (0600), because sandboxes that are restored trust the same one again.
/// </summary>
internal sealed class EgressAuthority
{
    private const string FileName = "egress-authority.pem";
    private const int MostKept = 256;
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan s_leafLifetime = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_leafUsed = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<string, (SslStreamCertificateContext Context, DateTimeOffset Made)> _leaves = new(StringComparer.Ordinal);
    private readonly X509Certificate2 _authority;
    private readonly TimeProvider _time;

    private EgressAuthority(X509Certificate2 authority, TimeProvider time) => (_authority, _time) = (authority, time);

    /// <summary>The certificate that a sandbox has to trust, as PEM.</summary>
    public string Pem => _authority.ExportCertificatePem() + "\n";

    /// <summary>The authority that stands in a folder, or a fresh one.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static EgressAuthority In(string folder, TimeProvider time)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            Write(path, Make(time));
        }

        var pem = File.ReadAllText(path);
        using var loaded = X509Certificate2.CreateFromPem(pem, pem);
        return new EgressAuthority(X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null), time);
    }

    /// <summary>What the host shows as the certificate of <paramref name="host"/>.</summary>
    public SslStreamCertificateContext CertificateOf(EgressHost host)
    {
        var now = _time.GetUtcNow();
        if (_leaves.TryGetValue(host.Text, out var kept) && now - kept.Made < s_leafUsed)
        {
            return kept.Context;
        }

        if (_leaves.Count >= MostKept)
        {
            _leaves.Clear();
        }

        var fresh = SslStreamCertificateContext.Create(Issue(host, now), [X509CertificateLoader.LoadCertificate(_authority.RawData)], offline: true);
        _leaves[host.Text] = (fresh, now);
        return fresh;
    }

    private X509Certificate2 Issue(EgressHost host, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // The longest common name is 64 characters; who checks looks at the alternative names only.
        var request = new CertificateRequest("CN=toolrt egress", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (host.Address is { } address)
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host.Text);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        using var issued = request.Create(_authority, now - TimeSpan.FromHours(1), now + s_leafLifetime, RandomNumberGenerator.GetBytes(16));
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    private static string Make(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var request = new CertificateRequest($"CN=toolrt egress authority {mark}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        using var made = request.CreateSelfSigned(now - TimeSpan.FromDays(1), now + s_lifetime);
        return $"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private static void Write(string path, string pem)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var file = new StreamWriter(new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        })))
        {
            file.Write(pem);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
