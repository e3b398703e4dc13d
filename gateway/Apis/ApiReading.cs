using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Grpc;
using ToolRuntime.OpenApi.HandWritten;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Names;
using ToolRuntime.OpenApi.Overlays;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Gateway.Apis;

/// <summary>From an API's package to its operations and tools.</summary>
public static class ApiReading
{
    private static readonly ReadOptions s_options = new();

    /// <summary>The operations of a document with overlays applied: an API's own document, or tools written by hand.</summary>
    /// <exception cref="ApiDocumentException">It is none.</exception>
    public static async ValueTask<ApiModel> ModelAsync(Uri root, ReadOnlyMemory<byte> content, IReadOnlyList<ReadOnlyMemory<byte>> overlays, IDocumentSource source, CancellationToken cancellationToken)
    {
        var document = overlays.Aggregate(content, static (present, overlay) => Overlay.Apply(present, overlay, s_options));
        try
        {
            return await ApiDocument.ReadAsync(document, root, source, s_options, cancellationToken);
        }
        catch (ApiDocumentException) when (IsHandWritten(document))
        {
            return HandWrittenTools.Read(document, s_options);
        }
    }

    /// <summary>The operations of a package.</summary>
    /// <exception cref="ApiDocumentException">Its root document is none.</exception>
    public static async ValueTask<ApiModel> ModelAsync(ApiPackage package, CancellationToken cancellationToken)
    {
        var document = package.Documents[package.Root.AbsoluteUri];
        return GrpcSource.IsOne(package.Root)
            ? await GrpcSource.ReadAsync(document, package.Root, new GrpcOptions(), cancellationToken)
            : await ModelAsync(package.Root, document, package.Overlays, package, cancellationToken);
    }

    /// <summary>The tools of an API.</summary>
    /// <param name="model">Its operations.</param>
    /// <param name="settings">Which of them, and how.</param>
    /// <param name="prefix">What names begin with.</param>
    /// <param name="names">Names given out before, or null.</param>
    /// <exception cref="FunctionFaultException">The settings are refused.</exception>
    public static ApiToolset Tools(ApiModel model, ApiSettings settings, string prefix, ReadOnlyMemory<byte>? names)
    {
        try
        {
            return ApiToolset.Build(
                model,
                new ToolOptions
                {
                    Prefix = prefix,
                    IsReadOnly = settings.ReadOnly,
                    Tags = settings.Tags,
                    ExcludedTags = settings.ExcludeTags,
                    Operations = settings.Operations,
                },
                names is { } known ? NameLock.Parse(known.Span) : null);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.DeployRefused, error.Message), error);
        }
    }

    private static bool IsHandWritten(ReadOnlyMemory<byte> document)
    {
        try
        {
            return HandWrittenTools.IsOne(document, s_options);
        }
        catch (ApiDocumentException)
        {
            return false;
        }
    }
}
