using System.Globalization;
using System.Net;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// A host in the one form in which hosts are compared: a name in lower case, in ASCII and without the root's dot, or an address. What a system's
/// resolver would take for an address is one, however it is written (<c>127.1</c>, <c>0x7f000001</c>, <c>2130706433</c>, <c>0177.0.0.1</c>).
/// </summary>
/// <param name="Text">The name, or the address in its usual form.</param>
/// <param name="Address">The address, or null for a name.</param>
internal sealed record EgressHost(string Text, IPAddress? Address)
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;
    private static readonly IdnMapping s_idn = new() { UseStd3AsciiRules = false };

    /// <summary>Whether the machine's own loopback is what the name says.</summary>
    public bool IsLocalName => Address is null && (Text == "localhost" || Text.EndsWith(".localhost", StringComparison.Ordinal));

    /// <summary>Reads a host; null where it is none.</summary>
    public static EgressHost? Parse(string? text)
    {
        if (text is null or { Length: 0 or > 2 * LongestName })
        {
            return null;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            return IPAddress.TryParse(Unbracketed(text), out var v6) ? OfAddress(v6) : null;
        }

        var name = text.EndsWith('.') ? text[..^1] : text;
        if (!System.Text.Ascii.IsValid(name))
        {
            name = ToAscii(name);
        }

        if (name is null or { Length: 0 or > LongestName })
        {
            return null;
        }

        // A last label that is a number makes the whole an IPv4 address or nothing (WHATWG URL, "ends in a number").
        if (EndsInNumber(name))
        {
            return IPAddress.TryParse(name, out var v4) ? OfAddress(v4) : null;
        }

        return name.Split('.').All(IsLabel) ? new EgressHost(name.ToLowerInvariant(), null) : null;
    }

    private static EgressHost OfAddress(IPAddress address)
    {
        var plain = AddressRanges.Plain(address);
        return new EgressHost(plain.ToString(), plain);
    }

    private static string Unbracketed(string text) => text is ['[', .. var inner, ']'] ? inner : text;

    private static string? ToAscii(string name)
    {
        try
        {
            return s_idn.GetAscii(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool EndsInNumber(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        return last.Length > 0
            && (last.All(char.IsAsciiDigit)
                || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && last.Skip(2).All(char.IsAsciiHexDigit)));
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
