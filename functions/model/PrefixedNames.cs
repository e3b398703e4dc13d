using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.Functions;

/// <summary>Names of an MCP server's tools and prompts as clients see them: fixed by the server's own prefix, whatever other servers there are.</summary>
public static class PrefixedNames
{
    /// <summary>Most characters of a name with a prefix: what the strictest of the known clients take.</summary>
    public const int MaximumLength = 64;

    private const int HashLength = 8;

    /// <summary>The name to show; a longer one is cut and ends with a hash of the whole, so that it is unique and stays.</summary>
    public static string Of(string prefix, string raw)
    {
        if (prefix.Length == 0)
        {
            return raw;
        }

        var whole = prefix + raw;
        return whole.Length <= MaximumLength ? whole : Hashed(whole, whole);
    }

    /// <summary>A tool with its prefix and a name that clients take; <see cref="ToolDefinition.Entry"/> keeps the server's own name.</summary>
    public static ToolDefinition Of(string prefix, ToolDefinition tool) =>
        Of(prefix, Legal(tool.Name)) is var name && name == tool.Name ? tool : tool with { Name = name, Entry = tool.Name };

    /// <summary>A tool's name, or where it has characters that no tool's name should have (MCP 2025-11-25), one with others in their place and a hash of the whole.</summary>
    private static string Legal(string raw) => raw.Length == 0 || Names.IsTool(raw)
        ? raw
        : Hashed(string.Concat(raw.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_')), raw);

    private static string Hashed(string shown, string whole) =>
        $"{shown[..Math.Min(shown.Length, MaximumLength - HashLength - 1)]}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..HashLength]}";

    /// <summary>Whether <paramref name="prefix"/> may stand before tools' names: at most 32 of <c>A-Z a-z 0-9 _ - .</c>, or nothing.</summary>
    public static bool IsPrefix(string prefix) => prefix.Length == 0 || (prefix.Length <= 32 && Names.IsTool(prefix));
}
