using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NatsServerInfo))]
[JsonSerializable(typeof(NatsClientInfo))]
internal sealed partial class NatsJson : JsonSerializerContext;
