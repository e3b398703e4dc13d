using ToolRuntime.Gateway.Federation.Upstream;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Who waits for a server's answer.</summary>
internal interface IServerReply
{
    /// <summary>The raw result, or the raw error.</summary>
    void Answered(ReadOnlyMemory<byte> result, ReadOnlyMemory<byte> error);

    /// <summary>A notification that precedes the answer.</summary>
    void Notified(string method, ReadOnlyMemory<byte> parameters);

    /// <summary>The server asks its client.</summary>
    ValueTask AskedAsync(ReadOnlyMemory<byte> id, string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken);

    /// <summary>There will be no answer: the request failed, or with null the server is gone.</summary>
    void Lost(UpstreamFailure? failure);
}
