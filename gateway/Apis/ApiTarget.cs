using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Where a tool of an HTTP API leads.</summary>
/// <param name="Source">The API.</param>
/// <param name="Verb">What the tool does with it.</param>
/// <param name="Tool">The operation, where <see cref="Verb"/> is <see cref="ApiVerb.Operation"/>; else null.</param>
public sealed record ApiTarget(ServedApi Source, ApiVerb Verb, ApiTool? Tool);
