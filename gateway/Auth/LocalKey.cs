using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Auth;

/// <summary>The key of tenant <c>local</c>, of the form that E2B's SDKs take (<c>e2b_</c> and hexadecimal digits).</summary>
internal sealed class LocalKey
{
    private const int RandomBytes = 20;
    private static readonly Caller s_caller = new(Caller.LocalTenant, "local-key", "local-key");
    private readonly byte[] _digest;

    private LocalKey(string key) => _digest = SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Reads the key, making it where it is missing.</summary>
    /// <exception cref="InvalidOperationException">Others can read the file, or it holds no key.</exception>
    public static LocalKey Read(string path)
    {
        if (!File.Exists(path))
        {
            SecretFile.Write(path, Encoding.ASCII.GetBytes($"e2b_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}\n"));
        }

        return SecretFile.ReadLines(path).FirstOrDefault()?.Trim() is { Length: > RandomBytes } key
            ? new LocalKey(key)
            : throw new InvalidOperationException($"{path} holds no key: remove it, and a new one is made");
    }

    /// <summary>The tenant's own caller where <paramref name="key"/> is the key, else null.</summary>
    public Caller? Find(string key) => CryptographicOperations.FixedTimeEquals(_digest, SHA256.HashData(Encoding.UTF8.GetBytes(key))) ? s_caller : null;
}
