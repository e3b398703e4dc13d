namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>What a question to the client must remember until its answer comes, on whichever gateway.</summary>
/// <param name="Invocation">The call that waits.</param>
/// <param name="Session">Its session.</param>
/// <param name="SessionIsExplicit">Whether the session lives beyond the call.</param>
/// <param name="Tool">What was called.</param>
/// <param name="Request">Digest of what was asked for.</param>
/// <param name="Sequence">Sequence of the event that asks.</param>
/// <param name="Asked">Ids of the questions, and their methods.</param>
/// <param name="AcceptedAt">When the call was accepted.</param>
/// <param name="Deadline">The call's deadline.</param>
/// <param name="Expires">When the state is no longer taken.</param>
public sealed record RequestState(
    string Invocation,
    string Session,
    bool SessionIsExplicit,
    string Tool,
    string Request,
    ulong Sequence,
    IReadOnlyDictionary<string, string> Asked,
    DateTimeOffset AcceptedAt,
    DateTimeOffset Deadline,
    DateTimeOffset Expires);
