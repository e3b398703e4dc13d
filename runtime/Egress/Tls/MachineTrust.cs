using System.Security.Cryptography;

namespace ToolRuntime.Runtime.Egress.Tls;

/// <summary>
/// Authorities that the owner of this machine added to what it trusts, for a company's proxy or its own mirrors, say: sandboxes go out through the
/// machine, and must trust them too.
/// </summary>
internal static class MachineTrust
{
    private const string Bundle = "/etc/ssl/certs/ca-certificates.crt";
    private const string Distributed = "/usr/share/ca-certificates";
    private const int MostBytes = 256 * 1024;

    /// <summary>Those in <paramref name="bundle"/> that are not among the distribution's own in <paramref name="distributed"/>, as PEM; empty where either is missing, or they are more than 256 KiB.</summary>
    public static string Added(string bundle = Bundle, string distributed = Distributed)
    {
        try
        {
            var usual = Directory.EnumerateFiles(distributed, "*.crt", SearchOption.AllDirectories).SelectMany(f => Certificates(File.ReadAllText(f))).ToHashSet(StringComparer.Ordinal);
            var added = string.Concat(Certificates(File.ReadAllText(bundle)).Where(c => !usual.Contains(c)).Select(c => PemEncoding.WriteString("CERTIFICATE", Convert.FromBase64String(c)) + "\n"));
            return added.Length <= MostBytes ? added : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            // No such files, as on other distributions: then nothing is known to be added.
            return "";
        }
    }

    /// <summary>The certificates of a PEM text, each as base64 without breaks.</summary>
    private static IEnumerable<string> Certificates(string pem)
    {
        while (PemEncoding.TryFind(pem, out var fields))
        {
            if (pem[fields.Label] == "CERTIFICATE")
            {
                yield return string.Concat(pem[fields.Base64Data].Where(c => !char.IsWhiteSpace(c)));
            }

            pem = pem[fields.Location.End..];
        }
    }
}
