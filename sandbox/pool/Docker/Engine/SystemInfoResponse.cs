using System.Text.Json;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>An engine in detail.</summary>
internal sealed record SystemInfoResponse(string? ServerVersion, IReadOnlyDictionary<string, JsonElement>? Runtimes);
