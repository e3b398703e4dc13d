using ToolRuntime.Runtime.Egress.Http;

namespace ToolRuntime.Runtime.Egress.Tls;

/// <summary>A stream of which some was read ahead, as if nothing had been.</summary>
internal sealed class ReplayStream(BufferedInput input, Stream output) : DuplexStream
{
    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);
}
