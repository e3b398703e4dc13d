using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace ToolRuntime.Sdk.Compilation;

/// <summary>Finds the files of <c>#load</c>, inside of the package only.</summary>
internal sealed class PackageSources(string root) : SourceReferenceResolver
{
    private readonly List<string> _refused = [];

    /// <summary>Why directives were refused.</summary>
    public IReadOnlyList<string> Refused => _refused;

    /// <summary>Whether <paramref name="path"/> lies below <paramref name="folder"/>, links followed.</summary>
    public static bool IsBelow(string folder, string path)
    {
        var target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        return target.StartsWith(folder.TrimEnd('/') + '/', StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public override string? ResolveReference(string path, string? baseFilePath)
    {
        var full = Path.GetFullPath(path, Path.GetDirectoryName(baseFilePath) ?? root);
        if (!IsBelow(root, full))
        {
            _refused.Add($"#load \"{path}\" leads out of the package: load files of the package only");
            return null;
        }

        if (!File.Exists(full))
        {
            _refused.Add($"#load \"{path}\": the package has no such file");
            return null;
        }

        return full;
    }

    /// <inheritdoc/>
    public override string? NormalizePath(string path, string? baseFilePath) => Path.GetFullPath(path, Path.GetDirectoryName(baseFilePath) ?? root);

    /// <inheritdoc/>
    public override Stream OpenRead(string resolvedPath) => File.OpenRead(resolvedPath);

    /// <inheritdoc/>
    public override SourceText ReadText(string resolvedPath) => ScriptSource.Read(resolvedPath);

    /// <inheritdoc/>
    public override bool Equals(object? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
