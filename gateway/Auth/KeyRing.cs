using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Auth;

/// <summary>The keys that may call. Only digests are kept; every comparison takes the same time for every key.</summary>
public sealed class KeyRing
{
    private const int MinimumKeyLength = 16;
    private readonly (byte[] Digest, Caller Caller)[] _keys;

    private KeyRing((byte[] Digest, Caller Caller)[] keys) => _keys = keys;

    /// <summary>A ring without keys: nobody is let in by key.</summary>
    public static KeyRing Empty { get; } = new([]);

    /// <summary>Whether it has any key.</summary>
    public bool IsEmpty => _keys.Length == 0;

    /// <summary>Reads a key file: lines of <c>key tenant subject</c>.</summary>
    /// <exception cref="InvalidOperationException">Missing, readable by others, or a line is wrong; names every wrong line, never a key.</exception>
    public static KeyRing Load(string path)
    {
        var keys = new List<(byte[], Caller)>();
        var wrong = new List<string>();
        var lines = SecretFile.ReadLines(path);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var parts = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (parts.Length != 3 || parts[0].Length < MinimumKeyLength || !Names.IsTenant(parts[1]) || parts[2].Length > 256)
            {
                wrong.Add($"line {i + 1}");
                continue;
            }

            var digest = Digest(parts[0]);
            keys.Add((digest, new Caller(parts[1], parts[2], $"key-{Convert.ToHexStringLower(digest.AsSpan(0, 6))}")));
        }

        return wrong.Count == 0
            ? new KeyRing([.. keys])
            : throw new InvalidOperationException(
                $"{path}, {string.Join(", ", wrong)}: expected `key tenant subject`, a key of at least {MinimumKeyLength} characters and a tenant of [a-z0-9-]");
    }

    /// <summary>Whose key it is, or null.</summary>
    public Caller? Find(string key)
    {
        var digest = Digest(key);
        Caller? found = null;
        foreach (var (candidate, caller) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(candidate, digest))
            {
                found = caller;
            }
        }

        return found;
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
