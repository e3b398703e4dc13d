namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>JetStream refused a request.</summary>
internal sealed class NatsJSApiException(ApiError error) : NatsException($"JetStream: {error.Description} ({error.ErrCode})")
{
    /// <summary>What it said.</summary>
    public ApiError Error => error;
}
