using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Envd;

/// <summary>JSON of <see cref="ComposeBody"/>.</summary>
[JsonSerializable(typeof(ComposeBody))]
internal sealed partial class ComposeJson : JsonSerializerContext;
