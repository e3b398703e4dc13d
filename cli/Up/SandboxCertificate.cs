using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using ToolRuntime.Cli.Instances;

namespace ToolRuntime.Cli.Up;

/// <summary>
/// The certificate of <c>*.sbx.localhost</c> and the authority that signs it, both of this data folder alone. Clients trust the authority
/// (<c>sandboxes-ca.pem</c>); its key is thrown away once it has signed.
/// </summary>
internal static class SandboxCertificate
{
    /// <summary>The domain below which ports of sandboxes have names.</summary>
    public const string Domain = "sbx.localhost";

    private const string AuthorityFile = "sandboxes-ca.pem";
    private const string CertificateFile = "sandboxes.pem";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(3650);

    /// <summary>The authority that clients are to trust.</summary>
    public static string AuthorityPath(DataFolder folder) => folder.File(AuthorityFile);

    /// <summary>The certificate, made where it is missing or runs out.</summary>
    public static X509Certificate2 Load(DataFolder folder, TimeProvider time)
    {
        var path = folder.File(CertificateFile);
        if (!File.Exists(path) || !File.Exists(AuthorityPath(folder)))
        {
            Make(folder, time.GetUtcNow());
        }

        return X509Certificate2.CreateFromPemFile(path);
    }

    private static void Make(DataFolder folder, DateTimeOffset now)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest($"CN=ToolRuntime sandboxes of {Environment.MachineName}", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now + s_lifetime);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=*.{Domain}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName($"*.{Domain}");
        names.AddDnsName(Domain);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.Create(authority, now.AddDays(-1), now + s_lifetime - TimeSpan.FromDays(1), RandomNumberGenerator.GetBytes(16));
        Write(folder.File(CertificateFile), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        Write(AuthorityPath(folder), authority.ExportCertificatePem() + "\n");
    }

    private static void Write(string path, string content)
    {
        File.Delete(path);
        using var file = new StreamWriter(new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }));
        file.Write(content);
    }
}
