namespace ToolRuntime.Bus.Streams;

/// <summary>How a message's chunk is kept.</summary>
public enum ChunkKind
{
    /// <summary>The message has no chunk: it says only that the state has changed.</summary>
    None,

    /// <summary>In the message.</summary>
    Inline,

    /// <summary>In the object store; the message has its reference.</summary>
    Reference,
}
