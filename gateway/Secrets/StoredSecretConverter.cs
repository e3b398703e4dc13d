using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Secrets;

/// <summary>A secret without facts is a string, as files of before have it; one with facts is <c>{value, facts}</c>.</summary>
internal sealed class StoredSecretConverter : JsonConverter<StoredSecret>
{
    private const string Value = "value";
    private const string Facts = "facts";

    /// <inheritdoc/>
    public override StoredSecret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new StoredSecret(reader.GetString()!);
        }

        using var written = JsonDocument.ParseValue(ref reader);
        return written.RootElement.ValueKind == JsonValueKind.Object
            && written.RootElement.TryGetProperty(Value, out var value) && value.ValueKind == JsonValueKind.String
            && written.RootElement.TryGetProperty(Facts, out var facts)
            ? new StoredSecret(value.GetString()!, facts.Deserialize(SecretJson.Default.SecretFacts))
            : throw new JsonException($"a secret is a string, or {{{Value}, {Facts}}}");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, StoredSecret value, JsonSerializerOptions options)
    {
        if (value.Facts is null)
        {
            writer.WriteStringValue(value.Value);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString(Value, value.Value);
        writer.WritePropertyName(Facts);
        JsonSerializer.Serialize(writer, value.Facts, SecretJson.Default.SecretFacts);
        writer.WriteEndObject();
    }
}
