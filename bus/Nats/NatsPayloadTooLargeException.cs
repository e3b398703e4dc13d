namespace ToolRuntime.Bus.Nats;

/// <summary>The message is larger than the server's <c>max_payload</c>.</summary>
internal sealed class NatsPayloadTooLargeException(long size, long limit) : NatsException($"message of {size} bytes, the server takes {limit}");
