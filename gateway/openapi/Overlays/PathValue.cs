using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Overlays;

/// <summary>What an operand stands for at one place: a value, which may be null, or nothing.</summary>
internal readonly record struct PathValue(bool IsThere, JsonNode? Node);
