using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Reports;

/// <summary>What became of every operation of a document.</summary>
public sealed record ConversionLedger
{
    /// <summary>The API's title and version.</summary>
    public required string Title { get; init; }

    /// <summary>What the document is written in.</summary>
    public required ApiFormat Format { get; init; }

    /// <summary>Operations that are tools.</summary>
    public required IReadOnlyList<LedgerEntry> Callable { get; init; }

    /// <summary>Operations that could be tools and by wish are not (filters, <c>x-mcp</c>).</summary>
    public required IReadOnlyList<LedgerEntry> Left { get; init; }

    /// <summary>Operations that cannot be tools.</summary>
    public required IReadOnlyList<ApiRefusal> Refusals { get; init; }

    /// <summary>What reading and converting went around.</summary>
    public required IReadOnlyList<ApiWarning> Warnings { get; init; }

    /// <summary>All operations of the document.</summary>
    public int Operations => Callable.Count + Left.Count + Refusals.Count;

    /// <summary>Of those that are wanted, how many per cent can be called; 100 where none is wanted.</summary>
    public double CallablePercent => Callable.Count + Refusals.Count == 0 ? 100 : 100.0 * Callable.Count / (Callable.Count + Refusals.Count);
}
