namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>Takes what the host sends on a stream; called on the channel's thread, so it never blocks.</summary>
internal interface IStreamHandler
{
    /// <summary>Bytes have come; valid during the call. Whoever has used them credits them to the stream.</summary>
    void OnData(AgentStream stream, ReadOnlySpan<byte> data);

    /// <summary>The host will send no more.</summary>
    void OnFinish(AgentStream stream);

    /// <summary>The stream is dead: reset, or its channel suspended.</summary>
    void OnDead(AgentStream stream);
}
