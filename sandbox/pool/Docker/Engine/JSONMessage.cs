using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>One step of something that takes an engine longer.</summary>
internal sealed record JSONMessage([property: JsonPropertyName("error")] string? ErrorMessage);
