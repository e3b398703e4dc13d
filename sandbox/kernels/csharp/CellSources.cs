using Microsoft.CodeAnalysis;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>Finds what cells load beside them. A cell itself is no file: stacks name it as it is called, without a folder.</summary>
internal sealed class CellSources(string folder) : SourceFileResolver([], folder)
{
    private const string Prefix = "cell-";

    /// <summary>What a cell is called.</summary>
    public static string NameOf(int number) => $"{Prefix}{number}";

    /// <inheritdoc/>
    public override string? NormalizePath(string path, string? baseFilePath) =>
        path.StartsWith(Prefix, StringComparison.Ordinal) ? path : base.NormalizePath(path, baseFilePath);
}
