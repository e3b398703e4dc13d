using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.E2b.Wire;

/// <summary>Access tokens of sandboxes. They are derived, so that every replica knows them and none is stored.</summary>
public sealed class SandboxTokens(E2bOptions options)
{
    /// <summary>What lets in to a sandbox's processes and files.</summary>
    public string Envd(string sandbox) => Derive("envd", sandbox);

    /// <summary>What lets in to a sandbox's ports where these are not public.</summary>
    public string Traffic(string sandbox) => Derive("traffic", sandbox);

    /// <summary>What lets in to a volume's files.</summary>
    public string Volume(string volume) => Derive("volume", volume);

    /// <summary>Whether <paramref name="given"/> is <paramref name="expected"/>; takes the same time for every wrong one.</summary>
    public static bool Same(string? given, string expected) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));

    /// <summary>The signature of a URL that reads or writes one file (E2B, <c>v1_</c>).</summary>
    public static string Sign(string path, bool write, string user, string token, long? expires)
    {
        var text = $"{path}:{(write ? "write" : "read")}:{user}:{token}{(expires is { } at ? string.Create(CultureInfo.InvariantCulture, $":{at}") : "")}";
        return "v1_" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text))).TrimEnd('=');
    }

    private string Derive(string purpose, string sandbox) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(options.TokenKey, Encoding.UTF8.GetBytes($"{purpose}:{sandbox}")));
}
