using System.Text.Json;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>Reading JSON whose types cannot be trusted: what is not there and what is of the wrong type are the same.</summary>
internal static class Lenient
{
    /// <summary>A member; undefined where the element is no object or has none.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>A member's text; null where it is no scalar. Numbers and booleans are what they look like: YAML makes versions and names of them.</summary>
    public static string? Text(this JsonElement element, string name) => element.Member(name).Scalar();

    /// <summary>The text of a scalar; null for anything else.</summary>
    public static string? Scalar(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    /// <summary>Whether a member is <c>true</c> (or the text of it).</summary>
    public static bool Flag(this JsonElement element, string name) => element.OptionalFlag(name) ?? false;

    /// <summary>What a boolean member says; null where there is none.</summary>
    public static bool? OptionalFlag(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } text when text.ValueEquals("true"u8) => true,
        { ValueKind: JsonValueKind.String } text when text.ValueEquals("false"u8) => false,
        _ => null,
    };

    public static bool IsObject(this JsonElement element) => element.ValueKind == JsonValueKind.Object;

    /// <summary>The members of an object, none where it is none; of equal names the last.</summary>
    public static IEnumerable<JsonProperty> Members(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var members = element.EnumerateObject().ToList();
        var names = new HashSet<string>(members.Count, StringComparer.Ordinal);
        return members.TrueForAll(m => names.Add(m.Name))
            ? members
            : members.AsEnumerable().Reverse().DistinctBy(m => m.Name, StringComparer.Ordinal).Reverse();
    }

    /// <summary>The items of an array, none where it is none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>The texts of an array; what is no scalar is left out.</summary>
    public static IReadOnlyList<string> Texts(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() == 0)
        {
            return [];
        }

        return [.. element.EnumerateArray().Select(Scalar).OfType<string>()];
    }
}
