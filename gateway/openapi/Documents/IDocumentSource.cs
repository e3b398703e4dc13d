namespace ToolRuntime.OpenApi.Documents;

/// <summary>Where documents come from that references lead to. What may be fetched, and from where, is the source's policy.</summary>
public interface IDocumentSource
{
    /// <summary>The bytes of the document at an absolute location.</summary>
    /// <exception cref="ApiDocumentException">It may not be read, is not there, or is larger than the bound.</exception>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(Uri location, CancellationToken cancellationToken);
}
