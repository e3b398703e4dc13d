using System.Text.Json;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Refuses values that would lead to another path than the template's: dot segments however encoded, since some server in between decodes them.</summary>
internal static class PathGuard
{
    private const int MostDecodings = 3;

    /// <summary>Refuses a value, or any value in it.</summary>
    /// <exception cref="ApiFaultException">It names the argument.</exception>
    public static void Check(string argument, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Check(argument, item);
                }

                return;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    CheckText(argument, member.Name);
                    Check(argument, member.Value);
                }

                return;
            case JsonValueKind.String:
                CheckText(argument, ArgumentText.Of(argument, value));
                return;
            default:
                return;
        }
    }

    /// <summary>Refuses a finished segment of the path that is empty or a dot segment.</summary>
    public static void CheckSegment(string argument, ReadOnlySpan<char> segment)
    {
        if (segment.IsEmpty)
        {
            throw ApiFaultException.Argument(argument, "is empty, which would lead to another path");
        }

        if (IsDots(segment))
        {
            throw Dots(argument);
        }
    }

    private static void CheckText(string argument, string text)
    {
        for (var round = 0; round <= MostDecodings; round++)
        {
            ArgumentText.RefuseControls(argument, text);
            foreach (var piece in text.AsSpan().SplitAny('/', '\\'))
            {
                if (IsDots(text.AsSpan()[piece]))
                {
                    throw Dots(argument);
                }
            }

            var decoded = text.Contains('%') ? PercentEncoding.Decode(text) : text;
            if (decoded == text)
            {
                return;
            }

            text = decoded;
        }

        throw ApiFaultException.Argument(argument, "is percent-encoded over and over");
    }

    /// <summary>What servers take for a dot segment: with parameters after a semicolon or blanks around it too.</summary>
    private static bool IsDots(ReadOnlySpan<char> segment)
    {
        var end = segment.IndexOf(';');
        return (end < 0 ? segment : segment[..end]).Trim() is "." or "..";
    }

    private static ApiFaultException Dots(string argument) => ApiFaultException.Argument(argument, "holds a dot segment (. or ..), which would lead to another path");
}
