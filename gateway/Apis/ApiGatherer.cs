using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Gathers a document and all that it refers to.</summary>
public static class ApiGatherer
{
    /// <summary>Reads the document at <paramref name="root"/> and, through the same source, what it refers to.</summary>
    /// <param name="root">Absolute location of the root document.</param>
    /// <param name="overlays">Overlay documents, in the order in which they are applied.</param>
    /// <param name="source">Where documents come from.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ApiDocumentException">The root document is none, or something may not be read.</exception>
    public static async Task<ApiPackage> GatherAsync(Uri root, IReadOnlyList<ReadOnlyMemory<byte>> overlays, IDocumentSource source, CancellationToken cancellationToken)
    {
        var recording = new RecordingSource(source);
        var content = await recording.ReadAsync(root, cancellationToken);
        await ApiReading.ModelAsync(root, content, overlays, recording, cancellationToken);
        return new ApiPackage { Root = root, Documents = recording.Read, Overlays = overlays };
    }
}
