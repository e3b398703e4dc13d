using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Control;

/// <summary>Body of <c>POST /sandboxes</c>.</summary>
internal sealed record NewSandbox
{
    [JsonPropertyName("templateID")]
    public string? TemplateId { get; init; }

    public int? Timeout { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public IReadOnlyDictionary<string, string>? EnvVars { get; init; }

    public bool? AutoPause { get; init; }

    public bool? AutoPauseMemory { get; init; }

    public AutoResumeBody? AutoResume { get; init; }

    public bool? Secure { get; init; }

    [JsonPropertyName("allow_internet_access")]
    public bool? AllowInternetAccess { get; init; }

    public JsonElement? Network { get; init; }

    public JsonElement? Iam { get; init; }

    public IReadOnlyList<VolumeMountBody>? VolumeMounts { get; init; }

    /// <summary>Whether the machine's package mirrors may be reached; ours, not the SDKs'.</summary>
    public bool? Packages { get; init; }

    /// <summary>Memory, MiB; ours, not the SDKs'.</summary>
    [JsonPropertyName("memoryMB")]
    public int? MemoryMiB { get; init; }

    /// <summary>Whether traffic wakes it.</summary>
    internal sealed record AutoResumeBody(bool Enabled);

    /// <summary>A volume and where it is to be; whether for reading only is ours.</summary>
    internal sealed record VolumeMountBody(string? Name, string? Path, bool? ReadOnly = null);
}
