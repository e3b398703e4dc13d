using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>What a runtime can be told to do with a volume.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VolumeOperation>))]
public enum VolumeOperation
{
    /// <summary>Makes one: <see cref="VolumeCommand.Name"/>, <see cref="VolumeCommand.QuotaMiB"/>.</summary>
    Create,

    /// <summary>Tells how full it is and who has it.</summary>
    Look,

    /// <summary>Removes it with what it holds; refused while a sandbox has it.</summary>
    Remove,
}
