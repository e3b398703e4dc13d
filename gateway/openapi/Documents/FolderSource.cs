namespace ToolRuntime.OpenApi.Documents;

/// <summary>Local files below one folder and nothing else; links that lead out of it are refused.</summary>
/// <param name="folder">The folder of the root document.</param>
/// <param name="maximumBytes">Most bytes of one file.</param>
public sealed class FolderSource(string folder, long maximumBytes) : IDocumentSource
{
    private readonly string _root = Final(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;

    /// <inheritdoc />
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Uri location, CancellationToken cancellationToken)
    {
        if (!location.IsFile || location.Host.Length > 0)
        {
            throw new ApiDocumentException($"'{location}' is no local file", "", "give the document by its URL, or put all its parts into one folder");
        }

        try
        {
            var path = Final(Path.GetFullPath(location.LocalPath));
            if (!path.StartsWith(_root, StringComparison.Ordinal))
            {
                throw new ApiDocumentException($"'{location.LocalPath}' lies outside the document's folder", "", "references may only lead to files below the root document");
            }

            if (new FileInfo(path).Length > maximumBytes)
            {
                throw new ApiDocumentException($"'{location.LocalPath}' has more than {maximumBytes} bytes", "", "split the document");
            }

            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new ApiDocumentException($"'{location.LocalPath}' cannot be read", "", error.Message);
        }
    }

    /// <summary>The path with every link on the way followed.</summary>
    private static string Final(string path)
    {
        var parent = Path.GetDirectoryName(path);
        if (parent is null)
        {
            return path;
        }

        var here = Path.Combine(Final(parent), Path.GetFileName(path));
        FileSystemInfo entry = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
        return entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName is { } target ? Path.GetFullPath(target) : here;
    }
}
