using System.Text.RegularExpressions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>Reads the <c>#r "nuget: Name, 1.2.3"</c> lines of a package's scripts.</summary>
internal static partial class NuGetDirectives
{
    /// <summary>The packages, each once.</summary>
    /// <exception cref="Functions.FunctionFaultException">DeployRefused: a line is not of that form, or two name different versions.</exception>
    public static IReadOnlyList<NuGetPackage> Read(string code)
    {
        List<string> errors = [];
        var found = new Dictionary<string, NuGetPackage>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in Directory.EnumerateFiles(code, "*.csx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            Read(File.ReadAllText(path), Path.GetRelativePath(code, path), found, errors);
        }

        return errors.Count > 0
            ? throw BuildFailure.Refused("the NuGet packages", errors, "write #r \"nuget: Name, 1.2.3\", with one exact version")
            : [.. found.Values.OrderBy(p => p.Id, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Reads one script.</summary>
    internal static void Read(string source, string file, Dictionary<string, NuGetPackage> found, List<string> errors)
    {
        foreach (Match line in Directive().Matches(source))
        {
            var place = $"{file}:{source.AsSpan(0, line.Index).Count('\n') + 1}";
            if (Exact().Match(line.Groups["what"].Value) is not { Success: true } exact)
            {
                errors.Add($"{place}: \"nuget:{line.Groups["what"].Value}\" names no package with an exact version");
                continue;
            }

            var package = new NuGetPackage(exact.Groups["id"].Value, exact.Groups["version"].Value);
            if (found.TryGetValue(package.Id, out var other) && other.Version != package.Version)
            {
                errors.Add($"{place}: {package.Id} {package.Version}, but elsewhere {other.Version}");
            }

            found[package.Id] = package;
        }
    }

    [GeneratedRegex("^[ \\t]*#r[ \\t]+\"nuget:(?<what>[^\"\\r\\n]*)\"", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Directive();

    [GeneratedRegex(@"^\s*(?<id>[A-Za-z0-9_][A-Za-z0-9_.-]{0,99})\s*,\s*(?<version>\d+(\.\d+){0,3}(-[A-Za-z0-9.-]{1,64})?)\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exact();
}
