using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Secrets;

[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string>>))]
internal sealed partial class SecretJson : JsonSerializerContext;
