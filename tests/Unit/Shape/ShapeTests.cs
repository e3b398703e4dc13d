using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ToolRuntime.Tests.Unit.Shape;

/// <summary>The limits of conventions: maxima always, medians and p90 from 50 files on.</summary>
public sealed class ShapeTests
{
    /// <summary>Folders with mirrored client APIs or P/Invoke, exempt from the parameter count.</summary>
    private static readonly string[] s_mirrored = ["bus/Nats/", "/Native/"];

    [Fact]
    public void FilesStayShort()
    {
        var lengths = SourceTree.ProductFiles.Select(f => (File: SourceTree.Relative(f), Lines: File.ReadAllLines(f).Length)).ToList();
        Assert.Empty(lengths.Where(l => l.Lines > 400).Select(l => $"{l.File}: {l.Lines} lines, at most 400"));
        AssertSpread(lengths.Select(l => l.Lines), median: 50, p90: 150, what: "file lines");
    }

    [Fact]
    public void MethodsStayShortFlatAndSimple()
    {
        var methods = SourceTree.ProductFiles.SelectMany(MethodMeasure.Of).ToList();
        Assert.Empty(methods.Where(m => m.Lines > 60).Select(m => $"{m.Where}: {m.Lines} lines, at most 60"));
        Assert.Empty(methods.Where(m => m.Complexity > 15).Select(m => $"{m.Where}: complexity {m.Complexity}, at most 15"));
        Assert.Empty(methods.Where(m => m.Nesting > 4).Select(m => $"{m.Where}: nesting {m.Nesting}, at most 4"));
        Assert.Empty(methods.Where(m => m.Parameters > 6 && !s_mirrored.Any(x => m.Where.Contains(x, StringComparison.Ordinal)))
            .Select(m => $"{m.Where}: {m.Parameters} parameters, at most 6"));
        AssertSpread(methods.Select(m => m.Lines), median: 8, p90: 25, what: "method lines");
    }

    [Fact]
    public void NoNamespaceCycles()
    {
        var edges = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var file in SourceTree.ProductFiles)
        {
            var root = SourceTree.Parse(file);
            var name = root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString();
            if (name is null)
            {
                continue;
            }

            edges.TryAdd(name, new HashSet<string>(StringComparer.Ordinal));
            edges[name].UnionWith(root.DescendantNodes().OfType<UsingDirectiveSyntax>()
                .Select(u => u.Name?.ToString() ?? "").Where(u => u.StartsWith("ToolRuntime", StringComparison.Ordinal)));
        }

        Assert.Empty(edges.Keys.Where(n => Reaches(edges, n, n)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void FewPragmasAndNothingUnfinished()
    {
        var pragmas = 0;
        var findings = new List<string>();
        foreach (var file in SourceTree.ProductFiles)
        {
            var root = SourceTree.Parse(file);
            pragmas += root.DescendantTrivia(descendIntoTrivia: true).Count(t => t.IsKind(SyntaxKind.PragmaWarningDirectiveTrivia));
            findings.AddRange(root.DescendantTrivia(descendIntoTrivia: true).Where(t => t.IsKind(SyntaxKind.RegionDirectiveTrivia)).Select(_ => $"{SourceTree.Relative(file)}: region"));
            findings.AddRange(root.DescendantTokens().Where(t => t.Text is "NotImplementedException").Select(_ => $"{SourceTree.Relative(file)}: NotImplementedException"));
            findings.AddRange(root.DescendantTrivia().Where(t => t.ToString().Contains("TO" + "DO", StringComparison.Ordinal)).Select(_ => $"{SourceTree.Relative(file)}: unfinished mark"));
        }

        Assert.Empty(findings);
        Assert.InRange(pragmas, 0, 5);
    }

    [Fact]
    public void NothingIsNamedForNothing()
    {
        string[] empty = ["Core", "Common", "Shared", "Abstractions", "Utils", "Helpers"];
        var projects = Directory.EnumerateFiles(SourceTree.Root, "*.csproj", SearchOption.AllDirectories).Select(p => Path.GetFileNameWithoutExtension(p)!);
        Assert.Empty(projects.Where(p => p.Split('.').Any(empty.Contains)));
        Assert.Empty(SourceTree.ProductFiles.Where(f => SourceTree.Relative(f).Split('/').Any(empty.Contains)));
    }

    private static bool Reaches(Dictionary<string, HashSet<string>> edges, string from, string target)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = new Stack<string>(edges[from]);
        while (next.TryPop(out var name))
        {
            if (name == target)
            {
                return true;
            }

            if (seen.Add(name) && edges.TryGetValue(name, out var more))
            {
                foreach (var m in more)
                {
                    next.Push(m);
                }
            }
        }

        return false;
    }

    private static void AssertSpread(IEnumerable<int> values, int median, int p90, string what)
    {
        var sorted = values.Order().ToList();
        if (sorted.Count < 50)
        {
            return;
        }

        Assert.True(sorted[sorted.Count / 2] <= median, $"{what}: median {sorted[sorted.Count / 2]}, at most {median}: {sorted.Count(v => v > median)} of {sorted.Count} are longer");
        Assert.True(sorted[sorted.Count * 9 / 10] <= p90, $"{what}: p90 {sorted[sorted.Count * 9 / 10]}, at most {p90}");
    }
}
