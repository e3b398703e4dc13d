using System.Collections.Immutable;
using System.Reflection.PortableExecutable;

using Microsoft.CodeAnalysis;

namespace ToolRuntime.Sdk.Compilation;

/// <summary>What a script may refer to: .NET, this SDK, the assemblies layer, and assemblies of its own package.</summary>
internal sealed class ScriptReferences : MetadataReferenceResolver
{
    private const string NuGet = "nuget:";
    private static readonly string[] s_leftOut = ["Microsoft.CodeAnalysis", "Microsoft.VisualBasic"];

    private readonly string _root;
    private readonly string _layer;
    private readonly List<string> _folders = [];
    private readonly List<string> _refused = [];

    /// <summary>Resolves for a package at <paramref name="root"/>, with NuGet's assemblies in <paramref name="layer"/>.</summary>
    public ScriptReferences(string root, string layer)
    {
        _root = root;
        _layer = layer;
        Platform = [.. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator)
            .Where(path => !s_leftOut.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)))
            .Concat(Assemblies(layer))
            .DistinctBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase)
            .Select(path => MetadataReference.CreateFromFile(path))];
    }

    /// <summary>What every script sees.</summary>
    public ImmutableArray<PortableExecutableReference> Platform { get; }

    /// <summary>Folders below the root that <c>#r</c> named, relative to it.</summary>
    public IReadOnlyList<string> Folders => _folders;

    /// <summary>Why directives were refused.</summary>
    public IReadOnlyList<string> Refused => _refused;

    /// <inheritdoc/>
    public override ImmutableArray<PortableExecutableReference> ResolveReference(string reference, string? baseFilePath, MetadataReferenceProperties properties)
    {
        if (reference.StartsWith(NuGet, StringComparison.OrdinalIgnoreCase))
        {
            return Package(reference);
        }

        var name = Path.GetFileNameWithoutExtension(reference);
        if (Platform.FirstOrDefault(p => Path.GetFileNameWithoutExtension(p.FilePath) is { } known && (known == name || known == reference)) is { } platform)
        {
            return [platform];
        }

        var path = Path.GetFullPath(reference, Path.GetDirectoryName(baseFilePath) ?? _root);
        if (!PackageSources.IsBelow(_root, path))
        {
            _refused.Add($"#r \"{reference}\" leads out of the package: put the assembly into the package, or use #r \"nuget: Name, 1.2.3\"");
            return [];
        }

        if (!File.Exists(path))
        {
            _refused.Add($"#r \"{reference}\": the package has no such file");
            return [];
        }

        _folders.Add(Path.GetRelativePath(_root, Path.GetDirectoryName(path)!));
        return [MetadataReference.CreateFromFile(path)];
    }

    /// <inheritdoc/>
    public override bool Equals(object? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    // Its assemblies are among the layer's, which every script sees; the directive itself needs any reference to count as resolved.
    private ImmutableArray<PortableExecutableReference> Package(string reference)
    {
        if (Directory.Exists(_layer))
        {
            return [Platform[0]];
        }

        _refused.Add($"#r \"{reference}\" is not installed: packages are restored when the function is deployed");
        return [];
    }

    private static IEnumerable<string> Assemblies(string layer) =>
        Directory.Exists(layer)
            ? Directory.EnumerateFiles(layer, "*.dll").Where(path => Path.GetFileName(path) != Artifact.AssemblyName && IsManaged(path)).Order(StringComparer.Ordinal)
            : [];

    private static bool IsManaged(string path)
    {
        using var file = File.OpenRead(path);
        using var image = new PEReader(file);
        try
        {
            return image.HasMetadata;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }
}
