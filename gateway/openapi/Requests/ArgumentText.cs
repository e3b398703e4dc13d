using System.Buffers;
using System.Text.Json;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Arguments as text: strings as they are, numbers digit for digit as the caller wrote them, arrays and objects as JSON.</summary>
internal static class ArgumentText
{
    private static readonly SearchValues<char> s_breaks = SearchValues.Create("\r\n\0");

    /// <summary>The text of one value.</summary>
    /// <exception cref="ApiFaultException">A string that is not Unicode.</exception>
    public static string Of(string argument, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : CompactJson.Text(value);
        }
        catch (InvalidOperationException)
        {
            throw ApiFaultException.Argument(argument, "is not Unicode text: it holds half of a surrogate pair");
        }
    }

    /// <summary>Refuses line ends and NUL, by which a value could become a header or a request of its own.</summary>
    public static void RefuseBreaks(string argument, string value)
    {
        if (value.AsSpan().ContainsAny(s_breaks))
        {
            throw ApiFaultException.Argument(argument, "holds a line break or NUL, which cannot be sent there");
        }
    }

    /// <summary>Refuses every control character but the tab.</summary>
    public static void RefuseControls(string argument, string value)
    {
        RefuseBreaks(argument, value);
        if (value.AsSpan().IndexOfAnyInRange('\u0000', '\u0008') >= 0 || value.AsSpan().IndexOfAnyInRange('\u000a', '\u001f') >= 0 || value.Contains('\u007f'))
        {
            throw ApiFaultException.Argument(argument, "holds a control character, which cannot be sent there");
        }
    }
}
