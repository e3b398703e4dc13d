namespace ToolRuntime.Bus.Nats;

/// <summary>The answer did not come in time.</summary>
internal sealed class NatsTimeoutException(string subject) : NatsException($"no answer in time on {subject}");
