using System.Runtime.CompilerServices;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ToolRuntime.Tests.Unit.Shape;

/// <summary>The repository's own sources, parsed.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<string> ProductFiles { get; } = Files(["functions", "bus", "sandbox", "runtime", "gateway", "keda", "cli"]);

    public static IReadOnlyList<string> AllFiles { get; } = [.. ProductFiles, .. Files(["tests", "benchmarks"])];

    public static SyntaxNode Parse(string path) =>
        CSharpSyntaxTree.ParseText(File.ReadAllText(path), new CSharpParseOptions(LanguageVersion.Latest), path).GetRoot();

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static List<string> Files(IEnumerable<string> folders) =>
        [.. folders.Select(f => Path.Combine(Root, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories))
            .Where(IsSource)
            .Order(StringComparer.Ordinal)];

    private static bool IsSource(string path)
    {
        var parts = Relative(path).Split('/');
        return !parts.Contains("obj") && !parts.Contains("bin") && !parts.Contains("node_modules") && !parts.Contains("fixtures");
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ToolRuntime.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("ToolRuntime.sln is in no parent folder");
    }
}
