using System.Text.Json;

namespace ToolRuntime.Runtime.Workers;

/// <summary>A HOST_CALL frame's payload.</summary>
internal sealed record HostCall(long Id, string? Method, JsonElement Params);
