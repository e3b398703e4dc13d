namespace ToolRuntime.Bus.Nats;

/// <summary>The server said <c>-ERR</c> while we connected.</summary>
internal sealed class NatsServerException(string error) : NatsException($"nats-server refused the connection: {error}")
{
    /// <summary>Whether the credentials were refused.</summary>
    public bool IsAuthError => error.Contains("Authorization", StringComparison.OrdinalIgnoreCase) || error.Contains("Authentication", StringComparison.OrdinalIgnoreCase);
}
