using System.Security.Cryptography;
using System.Text;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Names;

/// <summary>What an operation is called before anybody else wants the name.</summary>
internal static class OperationNames
{
    /// <summary>Most characters of a tool's name, the source's prefix counted.</summary>
    public const int Longest = 64;

    private const int HashLength = 8;

    /// <summary>The document's id, or method and path, with nothing but <c>[A-Za-z0-9_-]</c>; never empty, of any length.</summary>
    public static string Plain(ApiOperation operation, string? wanted)
    {
        var fromDocument = Clean(wanted ?? operation.OperationId ?? "");
        return fromDocument.Length > 0 ? fromDocument : Clean($"{operation.Method.ToLowerInvariant()}_{operation.RawPath}") is { Length: > 0 } made ? made : "operation";
    }

    /// <summary>The name cut to fit behind a prefix; where anything is cut, told apart by a hash of what the operation is.</summary>
    public static string Fit(string plain, string key, int prefix) => prefix + plain.Length <= Longest ? plain : Hashed(plain, key, prefix, HashLength);

    /// <summary>The name with a hash of method and path behind it, cut to fit.</summary>
    public static string Hashed(string plain, string key, int prefix, int digits = HashLength)
    {
        var room = Longest - prefix - digits - 1;
        var head = plain.Length <= room ? plain : plain[..room].TrimEnd('_', '-');
        return $"{head}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..digits]}";
    }

    /// <summary>Legal characters only: each run of others is one underscore, none at the ends.</summary>
    public static string Clean(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            {
                result.Append(c);
            }
            else if (result.Length > 0 && result[^1] != '_')
            {
                result.Append('_');
            }
        }

        return result.ToString().Trim('_');
    }
}
