using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Workers;

/// <summary>What LOAD says, docs/PROTOCOL.md section 2.</summary>
/// <param name="Manifest">Entry and concurrency.</param>
/// <param name="Environment">Set before the code is loaded; holds secrets, never logged.</param>
/// <param name="Inspect">Whether the tools are wanted.</param>
/// <param name="Output">Folder in the sandbox for what the worker compiles, or null.</param>
internal sealed record LoadRequest(FunctionManifest Manifest, IReadOnlyDictionary<string, string> Environment, bool Inspect, string? Output = null);
