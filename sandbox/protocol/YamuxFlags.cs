namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Flags of a yamux frame.</summary>
[Flags]
public enum YamuxFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The stream begins.</summary>
    Syn = 1,

    /// <summary>The stream is accepted.</summary>
    Ack = 2,

    /// <summary>The sender will send no more.</summary>
    Fin = 4,

    /// <summary>The stream is dead in both directions.</summary>
    Rst = 8,
}
