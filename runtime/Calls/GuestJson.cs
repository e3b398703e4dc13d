using System.Text.Json;

namespace ToolRuntime.Runtime.Calls;

/// <summary>Looks at JSON that a guest wrote, before it goes to others who splice it into theirs.</summary>
internal static class GuestJson
{
    /// <summary>Null when <paramref name="json"/> is exactly one JSON object, else what is wrong with it.</summary>
    public static string? Check(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "an object was expected";
            }

            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException error)
        {
            return error.Message;
        }
    }

    /// <summary>Null when <paramref name="json"/> is a result, <c>{"value"}</c> and/or <c>{"content":[…]}</c>, else what is wrong with it.</summary>
    public static string? CheckResult(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "an object was expected";
            }

            var found = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isContent = reader.ValueTextEquals("content"u8);
                found |= isContent || reader.ValueTextEquals("value"u8);
                reader.Read();
                if (isContent && reader.TokenType != JsonTokenType.StartArray)
                {
                    return "content is no array";
                }

                reader.Skip();
            }

            // Reads on to the end, so that nothing can follow the object.
            reader.Read();
            return found ? null : "neither value nor content is there";
        }
        catch (JsonException error)
        {
            return error.Message;
        }
    }

    /// <summary>The raw value of a member of a JSON object, or empty.</summary>
    public static ReadOnlyMemory<byte> Member(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = 128 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (wanted)
            {
                return json[start..(int)reader.BytesConsumed];
            }
        }

        return default;
    }
}
