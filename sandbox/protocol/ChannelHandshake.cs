namespace ToolRuntime.Sandbox.Protocol;

/// <summary>What both handshake messages share; docs/PROTOCOL.md section 1.</summary>
public static class ChannelHandshake
{
    /// <summary>Version of the channel; a mismatch is refused.</summary>
    public const uint Version = 1;

    /// <summary>Bytes that the agent sends after GO AWAY, once it has suspended.</summary>
    public static ReadOnlySpan<byte> Suspended => "SUSPENDE"u8;
}
