using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>One published revision of the protocol and what tells it from the others.</summary>
/// <param name="Name">The date that names it.</param>
/// <param name="Shape">What its clients can take of a tool.</param>
/// <param name="Primes">Whether streams begin with an event that has an id and no message (2025-11-25), so that they can be resumed from the start.</param>
public sealed record ProtocolRevision(string Name, ToolShape Shape, bool Primes)
{
    /// <summary>Stateless: no handshake, no session, no resume.</summary>
    public static ProtocolRevision Modern { get; } = new("2026-07-28", ToolShape.Full, Primes: false);

    /// <summary>Those with a handshake and a session, newest first.</summary>
    public static IReadOnlyList<ProtocolRevision> Legacy { get; } =
    [
        new("2025-11-25", ToolShape.ObjectOutput, Primes: true),
        new("2025-06-18", ToolShape.ObjectOutput, Primes: false),
        new("2025-03-26", ToolShape.NoOutput, Primes: false),
        new("2024-11-05", ToolShape.NoOutput, Primes: false),
    ];

    /// <summary>The legacy revision that answers a client which asks for <paramref name="requested"/>: the same, else the newest.</summary>
    public static ProtocolRevision Negotiate(string? requested) => Legacy.FirstOrDefault(r => r.Name == requested) ?? Legacy[0];
}
