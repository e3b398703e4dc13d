using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>Why an engine refused.</summary>
internal sealed record ErrorResponse([property: JsonPropertyName("message")] string? Message);
