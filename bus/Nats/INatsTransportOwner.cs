namespace ToolRuntime.Bus.Nats;

/// <summary>Whoever a transport works for. Everything is called on the read loop and must not block.</summary>
internal interface INatsTransportOwner
{
    /// <summary>A later INFO.</summary>
    void OnInfo(NatsServerInfo info);

    /// <summary>A message.</summary>
    void OnMessage(in NatsFrame frame);

    /// <summary>The server wants a PONG.</summary>
    void OnPing();

    /// <summary>The server answered a PING.</summary>
    void OnPong();

    /// <summary>The server complains.</summary>
    void OnServerError(string error);

    /// <summary>The connection is over.</summary>
    void OnClosed(NatsTransport transport, Exception reason);
}
