using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Secrets;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, StoredSecret>>))]
[JsonSerializable(typeof(SecretFacts))]
[JsonSerializable(typeof(SecretBody))]
internal sealed partial class SecretJson : JsonSerializerContext;
