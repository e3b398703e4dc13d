using System.Text.Json;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Refuses a semicolon in a cookie that goes out as it is: what follows would be another cookie.</summary>
internal static class CookieGuard
{
    /// <summary>Refuses a value, or any value in it.</summary>
    public static void Check(string argument, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Refuse(argument, member.Name, ";=");
                    Check(argument, member.Value);
                }

                return;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Check(argument, item);
                }

                return;
            case JsonValueKind.String:
                Refuse(argument, ArgumentText.Of(argument, value), ";");
                return;
            default:
                return;
        }
    }

    private static void Refuse(string argument, string text, string forbidden)
    {
        if (text.AsSpan().IndexOfAny(forbidden) >= 0)
        {
            throw ApiFaultException.Argument(argument, "holds a character that would begin another cookie");
        }
    }
}
