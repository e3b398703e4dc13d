using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>What the caller can do with what comes before the result.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<InvocationOptions>))]
public enum InvocationOptions
{
    /// <summary>Only the terminal event is emitted.</summary>
    None = 0,

    /// <summary>Somebody reads pieces, progress and logs: they are emitted on the session's topic.</summary>
    Stream = 1,

    /// <summary>The caller can be asked (elicitation).</summary>
    CanAsk = 2,

    /// <summary>The caller has a key by which the result can be had for 24 hours: its events are kept as long as those of a lasting session, and it is never begun twice.</summary>
    Keep = 4,

    /// <summary>Nobody waits for it: its events are kept for a day whatever its session, and it is never begun twice.</summary>
    Job = 8,
}
