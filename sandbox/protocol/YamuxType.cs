namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Type of a yamux frame.</summary>
public enum YamuxType : byte
{
    /// <summary>Data follows, as many bytes as the header's length.</summary>
    Data = 0,

    /// <summary>The length is added to the receiver's send window.</summary>
    WindowUpdate = 1,

    /// <summary>Keep-alive; SYN asks, ACK answers; the length is opaque.</summary>
    Ping = 2,

    /// <summary>The sender ends the session; the length is the reason.</summary>
    GoAway = 3,
}
