namespace ToolRuntime.Sandbox.Protocol;

/// <summary>
/// The first message on a stream that the agent opens: a program in the sandbox wants to reach the outside. The host answers with an
/// <see cref="AgentReply"/>; after a yes the stream carries the connection's bytes.
/// </summary>
/// <param name="Op">Always <see cref="AgentOperation.Egress"/>.</param>
/// <param name="Kind">One of <see cref="EgressKind"/>.</param>
/// <param name="Host">A name or an address, as the program said it; an IPv6 address without brackets.</param>
/// <param name="Port">A TCP port, 1 to 65535.</param>
/// <param name="Method">Method of a plain HTTP request.</param>
/// <param name="Path">Path and query of a plain HTTP request.</param>
public sealed record EgressRequest(string Op, string Kind, string Host, int Port, string? Method = null, string? Path = null)
{
    /// <summary>Longest host, characters.</summary>
    public const int LongestHost = 255;

    /// <summary>Whether every member is what it may be; a host must be told nothing else.</summary>
    public bool IsValid =>
        Op == AgentOperation.Egress
        && Kind is EgressKind.Connect or EgressKind.Http or EgressKind.Socks
        && Port is > 0 and <= ushort.MaxValue
        && IsHost(Host)
        && (Kind == EgressKind.Http) == (Method is not null && Path is not null)
        && IsText(Method) && IsText(Path);

    /// <summary>Whether it can be a name or an address: letters, digits, and <c>. - _ :</c>.</summary>
    public static bool IsHost(string? host) =>
        host is { Length: > 0 and <= LongestHost } && host.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or ':');

    private static bool IsText(string? text) => text is null || (text.Length > 0 && text.All(character => character is > ' ' and < (char)127));
}
