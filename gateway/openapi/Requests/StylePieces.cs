using System.Text.Json;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>What an array or object is written as in a style: its items or members that are defined.</summary>
internal static class StylePieces
{
    /// <summary>The pieces, in order; items have no key.</summary>
    public static IEnumerable<(string? Key, JsonElement Item)> Of(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray().Where(i => i.ValueKind != JsonValueKind.Null))
            {
                yield return (null, item);
            }

            yield break;
        }

        foreach (var member in value.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null))
        {
            yield return (member.Name, member.Value);
        }
    }
}
