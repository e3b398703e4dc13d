using System.Xml.Linq;

namespace ToolRuntime.Tests.Unit.Shape;

/// <summary>Who may know whom: dependencies point one way.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["functions/model"] = [],
        ["functions/sdk/csharp"] = ["sandbox/protocol"],
        ["bus"] = ["functions/model"],
        ["sandbox/protocol"] = [],
        ["sandbox/kernels/csharp"] = ["sandbox/protocol"],
        ["sandbox/agent"] = ["sandbox/protocol"],
        ["sandbox/pool"] = ["functions/model", "sandbox/protocol"],
        ["runtime"] = ["bus", "functions/model", "sandbox/pool", "sandbox/protocol"],
        ["gateway/openapi"] = ["functions/model"],
        ["gateway/e2b"] = ["bus", "functions/model", "sandbox/protocol"],
        ["gateway/durable-streams"] = ["bus", "functions/model"],
        ["gateway"] = ["bus", "functions/model", "gateway/openapi", "gateway/e2b", "gateway/durable-streams", "sandbox/protocol"],
        ["keda"] = ["bus", "functions/model"],
        ["cli"] = ["gateway", "gateway/openapi", "runtime", "keda", "bus", "sandbox/pool", "functions/model"],
    };

    [Fact]
    public void ProjectsKnowOnlyWhomTheyMay()
    {
        var wrong = new List<string>();
        foreach (var project in Directory.EnumerateFiles(SourceTree.Root, "*.csproj", SearchOption.AllDirectories))
        {
            var folder = SourceTree.Relative(Path.GetDirectoryName(project)!);
            if (folder.StartsWith("tests", StringComparison.Ordinal) || folder.StartsWith("benchmarks", StringComparison.Ordinal) || folder.StartsWith('.'))
            {
                continue;
            }

            if (!s_allowed.TryGetValue(folder, out var allowed))
            {
                wrong.Add($"{folder}: a project that the table does not know");
                continue;
            }

            wrong.AddRange(References(project).Where(r => !allowed.Contains(r)).Select(r => $"{folder} -> {r}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void TheModelHasNoPackages()
    {
        var model = XDocument.Load(Path.Combine(SourceTree.Root, "functions/model/ToolRuntime.Functions.csproj"));
        Assert.Empty(model.Descendants("PackageReference"));
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference")
            .Select(r => Path.GetFullPath(r.Attribute("Include")!.Value, Path.GetDirectoryName(project)!))
            .Select(p => SourceTree.Relative(Path.GetDirectoryName(p)!));
}
