using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Remembers every document that was read through it, so that a version holds all that it was made from.</summary>
internal sealed class RecordingSource(IDocumentSource source) : IDocumentSource
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _read = new(StringComparer.Ordinal);

    /// <summary>What was read, by absolute location.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Read => _read;

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Uri location, CancellationToken cancellationToken) =>
        _read.TryGetValue(location.AbsoluteUri, out var known) ? known : _read[location.AbsoluteUri] = await source.ReadAsync(location, cancellationToken);
}
