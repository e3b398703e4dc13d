namespace ToolRuntime.Bus.Pipes;

/// <summary>How a runtime's pipes are reached.</summary>
/// <param name="Address"><c>host:port</c>.</param>
/// <param name="Secret">What both ends must know, 32 random bytes; only users of the bus can read it.</param>
internal sealed record PipeEndpoint(string Address, byte[] Secret)
{
    /// <inheritdoc/>
    public override string ToString() => $"PipeEndpoint({Address})";
}
