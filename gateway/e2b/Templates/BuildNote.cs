using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Templates;

/// <summary>What an event of a build's topic says: at first what it is to become, then lines and where it is, at last why it failed.</summary>
internal sealed record BuildNote
{
    public BuildPlan? Plan { get; init; }

    public string? Step { get; init; }

    public IReadOnlyList<TemplateLogEntry>? Lines { get; init; }

    public string? Reason { get; init; }
}

/// <summary>What a build is to become.</summary>
/// <param name="Name">The template's name.</param>
/// <param name="Tags">The tags that it gets.</param>
/// <param name="CpuMillis">Processors, thousandths of one; 0 for all.</param>
/// <param name="MemoryMiB">Memory, MiB.</param>
internal sealed record BuildPlan(string Name, IReadOnlyList<string> Tags, int CpuMillis, int MemoryMiB);

/// <summary>Notes as they stand on the topic.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BuildNote))]
internal sealed partial class BuildJson : JsonSerializerContext;
