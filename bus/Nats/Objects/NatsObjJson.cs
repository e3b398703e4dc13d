using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.Objects;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ObjectMetadata))]
internal sealed partial class NatsObjJson : JsonSerializerContext;
