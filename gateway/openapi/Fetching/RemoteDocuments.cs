using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Fetching;

/// <summary>
/// What a document that came by HTTP may refer to: other documents by HTTP, within bounds on all together. One for each reading; files are
/// never read for it, whatever it says.
/// </summary>
public sealed class RemoteDocuments(DocumentFetcher fetcher, FetchOptions options) : IDocumentSource
{
    private int _documents;
    private long _bytes;

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Uri location, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _documents) > options.MaxDocuments)
        {
            throw new ApiDocumentException($"the document refers to more than {options.MaxDocuments} others", "", "bundle them into one");
        }

        try
        {
            var document = await fetcher.FetchAsync(location, etag: null, cancellationToken);
            return Interlocked.Add(ref _bytes, document.Bytes.Length) <= options.MaxTotalBytes
                ? document.Bytes
                : throw new ApiDocumentException($"the documents have more than {options.MaxTotalBytes} bytes together", "", "split the API");
        }
        catch (ApiFaultException fault)
        {
            throw new ApiDocumentException(fault.Message, "", fault.Fault.Hint ?? "see to it that the reference leads to a document");
        }
    }
}
