namespace ToolRuntime.Bus.Nats;

/// <summary>A message from the server. Its memory is its own: it may be kept.</summary>
/// <param name="Subject">Where it was sent to.</param>
/// <param name="ReplyTo">Where an answer goes, or null.</param>
/// <param name="Headers">Its headers, maybe none.</param>
/// <param name="Data">Its payload.</param>
internal readonly record struct NatsMsg(string Subject, string? ReplyTo, NatsHeaders Headers, ReadOnlyMemory<byte> Data)
{
    /// <summary>Whether it is the server's answer that nobody listens.</summary>
    public bool HasNoResponders => Data.IsEmpty && Headers.Code == 503;
}
