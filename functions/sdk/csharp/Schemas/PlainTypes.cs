using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ToolRuntime.Sdk.Schemas;

/// <summary>Types whose schema does not depend on anything else.</summary>
internal static class PlainTypes
{
    private const string TimePattern = @"^\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?$";

    private static readonly Dictionary<Type, (string Schema, string Words)> s_known = new()
    {
        [typeof(string)] = ("""{"type":"string"}""", "a string"),
        [typeof(char)] = ("""{"type":"string","minLength":1,"maxLength":1}""", "a string of one character"),
        [typeof(bool)] = ("""{"type":"boolean"}""", "true or false"),
        [typeof(sbyte)] = Whole(sbyte.MinValue, sbyte.MaxValue),
        [typeof(byte)] = Whole(byte.MinValue, byte.MaxValue),
        [typeof(short)] = Whole(short.MinValue, short.MaxValue),
        [typeof(ushort)] = Whole(ushort.MinValue, ushort.MaxValue),
        [typeof(int)] = ("""{"type":"integer"}""", $"a whole number from {int.MinValue} to {int.MaxValue}"),
        [typeof(uint)] = Whole(uint.MinValue, uint.MaxValue),
        [typeof(long)] = ("""{"type":"integer"}""", "a whole number of at most 64 bits"),
        [typeof(ulong)] = ("""{"type":"integer","minimum":0}""", "a whole number from 0 of at most 64 bits"),
        [typeof(Int128)] = ("""{"type":"integer"}""", "a whole number of at most 128 bits"),
        [typeof(UInt128)] = ("""{"type":"integer","minimum":0}""", "a whole number from 0 of at most 128 bits"),
        [typeof(Half)] = ("""{"type":"number"}""", "a number"),
        [typeof(float)] = ("""{"type":"number"}""", "a number"),
        [typeof(double)] = ("""{"type":"number"}""", "a number"),
        [typeof(decimal)] = ("""{"type":"number"}""", "a number"),
        [typeof(DateTime)] = ("""{"type":"string","format":"date-time"}""", "an ISO 8601 date and time such as 2026-01-31T12:00:00Z"),
        [typeof(DateTimeOffset)] = ("""{"type":"string","format":"date-time"}""", "an ISO 8601 date and time such as 2026-01-31T12:00:00Z"),
        [typeof(DateOnly)] = ("""{"type":"string","format":"date"}""", "an ISO 8601 date such as 2026-01-31"),
        [typeof(TimeOnly)] = (new JsonObject { ["type"] = "string", ["pattern"] = TimePattern }.ToJsonString(), "a time such as 12:30:00"),
        [typeof(TimeSpan)] = ("""{"type":"string","format":"duration"}""", "an ISO 8601 duration such as PT1H30M"),
        [typeof(Guid)] = ("""{"type":"string","format":"uuid"}""", "a UUID"),
        [typeof(Uri)] = ("""{"type":"string","format":"uri-reference"}""", "a URI"),
        [typeof(Version)] = ("""{"type":"string"}""", "a version such as 1.2.3"),
        [typeof(byte[])] = ("""{"type":"string","contentEncoding":"base64"}""", "bytes as Base64"),
        [typeof(Memory<byte>)] = ("""{"type":"string","contentEncoding":"base64"}""", "bytes as Base64"),
        [typeof(ReadOnlyMemory<byte>)] = ("""{"type":"string","contentEncoding":"base64"}""", "bytes as Base64"),
        [typeof(object)] = ("{}", "any value"),
        [typeof(JsonElement)] = ("{}", "any value"),
        [typeof(JsonDocument)] = ("{}", "any value"),
        [typeof(JsonNode)] = ("{}", "any value"),
        [typeof(JsonValue)] = ("{}", "any value"),
        [typeof(JsonObject)] = ("""{"type":"object"}""", "an object"),
        [typeof(JsonArray)] = ("""{"type":"array"}""", "a list"),
    };

    /// <summary>A fresh schema of a plain type, or null.</summary>
    public static JsonObject? SchemaOf(Type type)
    {
        if (s_known.TryGetValue(type, out var known))
        {
            return JsonNode.Parse(known.Schema)!.AsObject();
        }

        if (!type.IsEnum)
        {
            return null;
        }

        return type.IsDefined(typeof(FlagsAttribute), inherit: false)
            ? new JsonObject { ["type"] = "string" }
            : new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(n => (JsonNode)n)]) };
    }

    /// <summary>What a value of the type looks like, for a person who sent another.</summary>
    public static string WordsFor(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return s_known.TryGetValue(plain, out var known) ? known.Words
            : plain.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(plain))}"
            : typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(plain) ? $"a list of {plain.GetGenericArguments().Length} items"
            : typeof(System.Collections.IDictionary).IsAssignableFrom(plain) ? "an object"
            : typeof(System.Collections.IEnumerable).IsAssignableFrom(plain) ? "a list"
            : $"an object ({plain.Name})";
    }

    private static (string Schema, string Words) Whole<T>(T least, T most)
        where T : IBinaryInteger<T> =>
        ($$"""{"type":"integer","minimum":{{least}},"maximum":{{most}}}""", $"a whole number from {least} to {most}");
}
