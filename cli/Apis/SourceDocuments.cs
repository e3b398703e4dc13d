using System.CommandLine;

using ToolRuntime.Cli.Output;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.Cli.Apis;

/// <summary>The documents that a command line names.</summary>
internal static class SourceDocuments
{
    /// <summary>The URL that a source is, or null where it is a file.</summary>
    public static Uri? Url(string source) =>
        Uri.TryCreate(source, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "grpc" or "grpcs" ? url : null;

    /// <summary>A file, what it refers to, and the overlays.</summary>
    public static async Task<ApiPackage> FromFileAsync(string path, ParseResult arguments, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{path} is neither a file nor a URL", "toolrt openapi ./openapi.yaml");
        }

        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full)!;
        return await ReadAsync(PackagedFolder.LocationOf(Path.GetFileName(full)), arguments, new PackagedFolder(folder), path, cancellationToken);
    }

    /// <summary>The overlays that the arguments name.</summary>
    public static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> OverlaysAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var overlays = new List<ReadOnlyMemory<byte>>();
        foreach (var file in arguments.GetValue(ApiArguments.Overlays)!)
        {
            overlays.Add(File.Exists(file)
                ? await File.ReadAllBytesAsync(file, cancellationToken)
                : throw new CommandFailedException(ExitCodes.Usage, $"--overlay {file}: there is no such file"));
        }

        return overlays;
    }

    private static async Task<ApiPackage> ReadAsync(Uri root, ParseResult arguments, IDocumentSource source, string shown, CancellationToken cancellationToken)
    {
        try
        {
            return await ApiGatherer.GatherAsync(root, await OverlaysAsync(arguments, cancellationToken), source, cancellationToken);
        }
        catch (ApiDocumentException error)
        {
            throw new CommandFailedException(ExitCodes.Refused, $"{shown}: {error.Message}");
        }
    }
}
