using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Compilation;

/// <summary>Compiles a script to a class library that loads without a compiler.</summary>
internal static class ScriptCompiler
{
    private const int MaximumDiagnostics = 50;

    private static readonly string[] s_usings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Text", "System.Text.Json",
        "System.Threading", "System.Threading.Tasks", "ToolRuntime.Sdk",
    ];

    /// <summary>Compiles <paramref name="entry"/> of the package at <paramref name="root"/>.</summary>
    /// <exception cref="ScriptFault">It does not compile; every error with file and line.</exception>
    public static CompiledScript Compile(string root, string entry, string layer)
    {
        var path = Path.Combine(root, entry);
        var references = new ScriptReferences(root, layer);
        var sources = new PackageSources(root);
        var compilation = Prepare(Read(path, entry), references, sources);
        using var assembly = new MemoryStream();
        using var symbols = new MemoryStream();
        var emitted = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        if (!emitted.Success || references.Refused.Count + sources.Refused.Count > 0)
        {
            throw Fault(root, entry, [.. sources.Refused, .. references.Refused], emitted.Diagnostics);
        }

        var documentation = new DocumentationReader(root).Read(compilation);
        return new CompiledScript(assembly.ToArray(), symbols.ToArray(), documentation, [.. references.Folders.Distinct(StringComparer.Ordinal)]);
    }

    private static SyntaxTree Read(string path, string entry)
    {
        try
        {
            return CSharpSyntaxTree.ParseText(ScriptSource.Read(path), ScriptSource.Options, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ScriptFault($"{entry}: cannot be read ({error.Message})");
        }
    }

    private static CSharpCompilation Prepare(SyntaxTree tree, ScriptReferences references, PackageSources sources)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            scriptClassName: ScriptInstance.ClassName,
            usings: s_usings,
            optimizationLevel: OptimizationLevel.Release,
            deterministic: true,
            nullableContextOptions: NullableContextOptions.Enable,
            sourceReferenceResolver: sources,
            metadataReferenceResolver: references);
        return CSharpCompilation.CreateScriptCompilation("script", tree, references.Platform, options);
    }

    private static ScriptFault Fault(string root, string entry, IReadOnlyList<string> refused, IEnumerable<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).OrderBy(d => d.Location.SourceSpan.Start).ToList();
        var lines = errors.Take(MaximumDiagnostics).Select(d => Describe(root, d)).ToList();
        var detail = string.Join('\n', refused.Select(r => $"{entry}: {r}").Concat(lines));
        var first = errors.FirstOrDefault();
        var (file, line) = first is { Location.IsInSource: true } ? DocumentationReader.Place(first.Location, root) : (entry, 0);
        var message = refused.Count > 0 ? $"{entry}: {refused[0]}" : lines.Count > 0 ? lines[0] : $"{entry}: it does not compile";
        var more = errors.Count > 1 && refused.Count == 0 ? $" (and {errors.Count - 1} more)" : "";
        return new ScriptFault(message + more, detail, line > 0 && file == entry ? line : null);
    }

    private static string Describe(string root, Diagnostic diagnostic)
    {
        if (!diagnostic.Location.IsInSource)
        {
            return $"{diagnostic.Id}: {diagnostic.GetMessage()}";
        }

        var (file, line) = DocumentationReader.Place(diagnostic.Location, root);
        return $"{file}:{line}: {diagnostic.Id}: {diagnostic.GetMessage()}";
    }
}
