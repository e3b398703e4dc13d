using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Source-generated JSON of requests and replies: camelCase, defaults left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(AgentRequest))]
[JsonSerializable(typeof(AgentReply))]
[JsonSerializable(typeof(AgentProcessEntry))]
[JsonSerializable(typeof(AgentFileEvent))]
[JsonSerializable(typeof(EgressRequest))]
public sealed partial class AgentJson : JsonSerializerContext;
