namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Where a transport hands over what comes.</summary>
/// <param name="Received">Takes one message, and the request on whose answer's stream it came, or 0.</param>
/// <param name="Failed">Takes the end of a request that will not be answered.</param>
/// <param name="IsWaiting">Whether somebody still waits for the answer to a request.</param>
/// <param name="Renewed">Takes that the server's session was begun anew: what it knew of this client is gone.</param>
internal sealed record ServerInbox(Func<byte[], long, ValueTask> Received, Action<long, UpstreamFailure> Failed, Func<long, bool> IsWaiting, Action Renewed);
