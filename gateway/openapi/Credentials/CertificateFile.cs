using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Client certificates out of secrets: PEM with certificate and key in it, or PKCS #12 in base64 without a password.</summary>
public static class CertificateFile
{
    /// <summary>The certificate with its key.</summary>
    /// <exception cref="ApiFaultException">It is not there or is none.</exception>
    public static async ValueTask<X509Certificate2> ReadAsync(SecretReference reference, ReadSecret secrets, CancellationToken cancellationToken)
    {
        var text = await secrets(reference, cancellationToken)
            ?? throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the certificate {reference} is not there", "set it");
        try
        {
            if (!text.Contains("-----BEGIN", StringComparison.Ordinal))
            {
                return X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(text.Trim()), password: null);
            }

            // TLS wants a key that is not ephemeral on some systems: the round trip through PKCS #12 gives one.
            using var pem = X509Certificate2.CreateFromPem(text, text);
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or FormatException or ArgumentException)
        {
            throw new ApiFaultException(ApiFaultCode.NotConfigured, $"{reference} is no certificate with its key", "give PEM with both in it", unreadable);
        }
    }
}
