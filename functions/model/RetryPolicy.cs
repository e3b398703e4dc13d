using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>Whether a call may be run again after its runtime died.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RetryPolicy>))]
public enum RetryPolicy
{
    /// <summary>Never, unless it has checkpointed.</summary>
    Never,

    /// <summary>Running it twice does no harm.</summary>
    Safe,
}
