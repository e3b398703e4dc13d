using System.Text;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Values that stand in a header as well as in the body (2026-07-28): plain where a header can hold them, else base64 in a sentinel.</summary>
internal static class MirroredHeader
{
    private const string Start = "=?base64?";

    /// <summary>The header's value.</summary>
    public static string Encode(string value)
    {
        var plain = value.Length > 0 && value[0] != ' ' && value[^1] != ' ' && !value.StartsWith(Start, StringComparison.Ordinal) && value.All(c => c is >= ' ' and < '\u007f');
        return plain ? value : $"{Start}{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=";
    }
}
