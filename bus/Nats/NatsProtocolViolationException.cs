namespace ToolRuntime.Bus.Nats;

/// <summary>The peer sent what the protocol does not allow.</summary>
internal sealed class NatsProtocolViolationException(string message) : NatsException(message);
