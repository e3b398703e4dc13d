namespace ToolRuntime.Bus.Nats;

/// <summary>Something between us and the server failed.</summary>
internal class NatsException(string message, Exception? innerException = null) : Exception(message, innerException);
