using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Interpreter;

/// <summary>Bodies of the code interpreter.</summary>
internal sealed record ExecuteBody
{
    public JsonElement? Code { get; init; }

    [JsonPropertyName("context_id")]
    public string? ContextId { get; init; }

    public string? Language { get; init; }

    [JsonPropertyName("env_vars")]
    public IReadOnlyDictionary<string, string>? EnvVars { get; init; }

    public string? Cwd { get; init; }
}
