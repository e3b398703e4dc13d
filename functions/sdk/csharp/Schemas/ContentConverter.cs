using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ToolRuntime.Sdk.Schemas;

/// <summary>A content block inside of another value is the block itself.</summary>
internal sealed class ContentConverter : JsonConverter<Content>
{
    /// <inheritdoc/>
    public override Content? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNode.Parse(ref reader) is JsonObject block ? new Content(block) : throw new JsonException("a content block is an object");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Content value, JsonSerializerOptions options) => value.Block.WriteTo(writer);
}
