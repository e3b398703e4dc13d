namespace ToolRuntime.Bus.Nats;

/// <summary>The connection was lost before the answer came; whether the request was carried out is unknown.</summary>
internal sealed class NatsConnectionFailedException(string message, Exception? innerException = null) : NatsException(message, innerException);
