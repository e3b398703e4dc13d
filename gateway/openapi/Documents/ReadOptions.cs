namespace ToolRuntime.OpenApi.Documents;

/// <summary>Bounds on what is read. What goes beyond is refused with an <see cref="ApiDocumentException"/>.</summary>
public sealed record ReadOptions
{
    /// <summary>Most bytes of one document, before and after aliases are written out.</summary>
    public int MaximumBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Deepest nesting of objects and arrays.</summary>
    public int MaximumDepth { get; init; } = 256;

    /// <summary>Most operations of one document.</summary>
    public int MaximumOperations { get; init; } = 50_000;

    /// <summary>Most other documents that references lead to.</summary>
    public int MaximumDocuments { get; init; } = 200;

    /// <summary>Most bytes of all documents together.</summary>
    public long MaximumTotalBytes { get; init; } = 192L * 1024 * 1024;

    /// <summary>Most warnings that are kept.</summary>
    public int MaximumWarnings { get; init; } = 1_000;
}
