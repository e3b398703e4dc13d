using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.Cli.Apis;

/// <summary>A document's folder under a name that says nothing of this machine: <c>file:///package/</c>.</summary>
internal sealed class PackagedFolder(string folder) : IDocumentSource
{
    private const string Top = "file:///package/";
    private const long MaximumBytes = 64L << 20;
    private readonly FolderSource _files = new(folder, MaximumBytes);

    /// <summary>Where a file of the folder stands.</summary>
    public static Uri LocationOf(string fileName) => new(Top + Uri.EscapeDataString(fileName));

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(Uri location, CancellationToken cancellationToken) =>
        location.AbsoluteUri.StartsWith(Top, StringComparison.Ordinal)
            ? _files.ReadAsync(new Uri(Path.Combine(folder, Uri.UnescapeDataString(location.AbsoluteUri[Top.Length..]))), cancellationToken)
            : _files.ReadAsync(location, cancellationToken);
}
