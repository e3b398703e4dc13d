using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Mailboxes;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MailboxState))]
internal sealed partial class MailboxJson : JsonSerializerContext;
