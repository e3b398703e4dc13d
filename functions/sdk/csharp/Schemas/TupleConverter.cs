using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.Sdk.Schemas;

/// <summary>One tuple type.</summary>
internal sealed class TupleConverter<T> : JsonConverter<T>
    where T : struct, ITuple
{
    private static readonly Type[] s_types = typeof(T).GetGenericArguments();
    private static readonly ConstructorInfo s_constructor = typeof(T).GetConstructor(s_types)!;

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException();
        }

        var items = new object?[s_types.Length];
        for (var i = 0; i < items.Length; i++)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                throw new JsonException();
            }

            items[i] = JsonSerializer.Deserialize(ref reader, s_types[i], options);
        }

        reader.Read();
        return reader.TokenType == JsonTokenType.EndArray ? (T)s_constructor.Invoke(items) : throw new JsonException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        for (var i = 0; i < s_types.Length; i++)
        {
            JsonSerializer.Serialize(writer, value[i], s_types[i], options);
        }

        writer.WriteEndArray();
    }
}
