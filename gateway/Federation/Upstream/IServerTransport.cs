namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>The way to one MCP server: lines over a pipe, streamable HTTP, or HTTP with SSE. What comes goes to the <see cref="ServerInbox"/>.</summary>
internal interface IServerTransport : IAsyncDisposable
{
    /// <summary>Takes what comes until the server's end is gone or it is disposed.</summary>
    Task RunAsync(ServerInbox inbox, CancellationToken cancellationToken);

    /// <summary>Takes note of the revision that client and server speak from now on.</summary>
    void Agree(string revision);

    /// <summary>Sends one message. What becomes of a request is told to the inbox.</summary>
    /// <exception cref="IOException">The server's end is gone.</exception>
    /// <exception cref="Functions.FunctionFaultException">The server did not take a message that is no request.</exception>
    ValueTask SendAsync(OutgoingMessage message, CancellationToken cancellationToken);

    /// <summary>Tells the server that nobody waits for a request any more.</summary>
    ValueTask CancelAsync(long id, CancellationToken cancellationToken);
}
