using System.Text.Json;

namespace ToolRuntime.Gateway.Payloads;

/// <summary>Finds members in UTF-8 JSON without building anything; what is found keeps its exact bytes.</summary>
public static class RawJson
{
    /// <summary>Deepest nesting that is read anywhere.</summary>
    public const int MaximumDepth = 64;

    /// <summary>How documents are read.</summary>
    public static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = MaximumDepth };

    /// <summary>The raw value of member <paramref name="name"/> of the object <paramref name="json"/>, or empty when there is none.</summary>
    /// <exception cref="JsonException">The bytes are not one JSON value, or too deep.</exception>
    public static ReadOnlyMemory<byte> Member(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json.Span, ReaderOptions);
        if (json.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = reader.ValueTextEquals(name);
            var value = Value(ref reader, json);
            if (matches)
            {
                return value;
            }
        }

        return default;
    }

    /// <summary>Moves over the value that comes next and returns its exact bytes.</summary>
    public static ReadOnlyMemory<byte> Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    /// <summary>Members of an object in order: name and exact value.</summary>
    /// <exception cref="JsonException">The bytes are not one JSON object.</exception>
    public static List<KeyValuePair<string, ReadOnlyMemory<byte>>> Members(ReadOnlyMemory<byte> json)
    {
        var members = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>();
        var reader = new Utf8JsonReader(json.Span, ReaderOptions);
        if (json.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return members;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            members.Add(new(name, Value(ref reader, json)));
        }

        return members;
    }

    /// <summary>Items of an array in order, exact; empty for anything else.</summary>
    public static List<ReadOnlyMemory<byte>> Items(ReadOnlyMemory<byte> json)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(json.Span, ReaderOptions);
        if (json.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            return items;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(json[start..(int)reader.BytesConsumed]);
        }

        return items;
    }

    /// <summary>The text of a JSON string value, or null when it is anything else.</summary>
    public static string? Text(ReadOnlyMemory<byte> value)
    {
        if (value.IsEmpty || value.Span[0] != (byte)'"')
        {
            return null;
        }

        var reader = new Utf8JsonReader(value.Span, ReaderOptions);
        reader.Read();
        return reader.GetString();
    }

    /// <summary>Whether a raw value is an object.</summary>
    public static bool IsObject(ReadOnlyMemory<byte> value) => !value.IsEmpty && value.Span[0] == (byte)'{';
}
