namespace ToolRuntime.Sdk.Compilation;

/// <summary>What loading a compiled script needs to know beside its assembly.</summary>
/// <param name="References">Folders of the package with assemblies, relative to its root.</param>
/// <param name="Methods">Metadata tokens of the methods that are tools.</param>
internal sealed record ArtifactFacts(IReadOnlyList<string> References, IReadOnlySet<int> Methods);
