using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>What lists show of an MCP server that does not answer.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ListFailure>))]
public enum ListFailure
{
    /// <summary>Its last list.</summary>
    Keep,

    /// <summary>Nothing, until it answers again.</summary>
    Hide,
}
