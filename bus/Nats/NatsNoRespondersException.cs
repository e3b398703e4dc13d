namespace ToolRuntime.Bus.Nats;

/// <summary>Nobody listens on the subject of a request.</summary>
internal sealed class NatsNoRespondersException(string subject) : NatsException($"nobody answers on {subject}");
