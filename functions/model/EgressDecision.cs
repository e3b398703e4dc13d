namespace ToolRuntime.Functions;

/// <summary>One decision about what wanted to go out of a sandbox, told when it ended.</summary>
/// <param name="Time">When it was asked for.</param>
/// <param name="Kind">How: <c>http</c>, <c>connect</c> or <c>socks</c>.</param>
/// <param name="Host">Where to, as it was asked for.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Allowed">Whether it was allowed; a connection that was cut by the rules later is not.</param>
/// <param name="Reason">Why, or why not; never the value of a header.</param>
public sealed record EgressDecision(DateTimeOffset Time, string Kind, string Host, int Port, bool Allowed, string Reason)
{
    /// <summary>Method of the request, where the host could read it.</summary>
    public string? Method { get; init; }

    /// <summary>Its path without the query, at most 1,024 characters.</summary>
    public string? Path { get; init; }

    /// <summary>Bytes out of the sandbox.</summary>
    public long BytesOut { get; init; }

    /// <summary>Bytes into it.</summary>
    public long BytesIn { get; init; }
}
