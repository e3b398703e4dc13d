using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.Bus.Streams;

/// <summary>Names one durable stream.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Path">Its name, 1 to 512 characters of any kind; no slash at either end.</param>
public readonly record struct StreamKey(string Tenant, string Path)
{
    /// <summary>Longest name, characters.</summary>
    public const int LongestPath = 512;

    /// <summary>What stands for the name in a subject: 128 bits of its SHA-256, lower-case hex.</summary>
    internal string Token => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)).AsSpan(0, 16));
}
