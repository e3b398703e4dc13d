namespace ToolRuntime.Bus.Nats;

/// <summary>Takes what the parser read. Called on the read loop: must not block.</summary>
internal interface INatsFrames
{
    /// <summary>INFO with its JSON.</summary>
    void OnInfo(ReadOnlySpan<byte> json);

    /// <summary>A whole MSG or HMSG.</summary>
    void OnMessage(in NatsFrame frame);

    /// <summary>PING.</summary>
    void OnPing();

    /// <summary>PONG.</summary>
    void OnPong();

    /// <summary>-ERR with its text.</summary>
    void OnError(ReadOnlySpan<byte> text);
}
