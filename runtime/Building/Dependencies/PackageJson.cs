using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>
/// A <c>package.json</c> of which only dependencies by name and version are taken; scripts, workspaces, overrides and everything else
/// stay out, and files, links, repositories and URLs are refused by name.
/// </summary>
internal static partial class PackageJson
{
    private static readonly string[] s_taken = ["dependencies", "optionalDependencies"];

    /// <summary>A file for npm with what was taken, or null when there is nothing to install.</summary>
    /// <exception cref="Functions.FunctionFaultException">DeployRefused, with every refused dependency.</exception>
    public static string? Clean(string json)
    {
        var source = Parse(json, "package.json");
        var clean = new JsonObject { ["name"] = "function", ["version"] = "0.0.0", ["private"] = true };
        List<string> errors = [];
        var count = 0;
        foreach (var member in s_taken)
        {
            if (source[member] is JsonObject dependencies)
            {
                clean[member] = Taken(member, dependencies, errors);
                count += dependencies.Count;
            }
        }

        if (errors.Count > 0)
        {
            throw BuildFailure.Refused("package.json", errors, "name packages of the registry only, such as: \"is-number\": \"^7.0.0\"");
        }

        return count == 0 ? null : clean.ToJsonString();
    }

    /// <summary>A file for npm with one package.</summary>
    /// <exception cref="Functions.FunctionFaultException">DeployRefused.</exception>
    public static string Single(string specification)
    {
        var at = specification.LastIndexOf('@');
        var (name, version) = at > 0 ? (specification[..at], specification[(at + 1)..]) : (specification, "latest");
        return Clean(new JsonObject { ["dependencies"] = new JsonObject { [name] = version } }.ToJsonString())!;
    }

    /// <summary>A lock file without places: npm then asks the configured registry for each version, and checks its digest.</summary>
    /// <exception cref="Functions.FunctionFaultException">DeployRefused.</exception>
    public static string? CleanLock(string json)
    {
        var source = Parse(json, "package-lock.json");
        if (source["packages"] is not JsonObject packages)
        {
            return null;
        }

        List<string> errors = [];
        foreach (var (path, node) in packages)
        {
            if (node is not JsonObject package)
            {
                continue;
            }

            var place = package["resolved"]?.GetValueKind() == JsonValueKind.String ? package["resolved"]!.GetValue<string>() : "";
            if (package["link"]?.GetValueKind() == JsonValueKind.True || (place.Length > 0 && !place.StartsWith("http", StringComparison.Ordinal)))
            {
                errors.Add($"{path}: {(place.Length > 0 ? place : "a link")} is not fetched");
            }

            package.Remove("resolved");
        }

        return errors.Count > 0 ? throw BuildFailure.Refused("package-lock.json", errors) : source.ToJsonString();
    }

    private static JsonObject Parse(string json, string file)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject ?? throw BuildFailure.Refused($"{file}: an object was expected");
        }
        catch (JsonException error)
        {
            throw BuildFailure.Refused($"{file}, line {error.LineNumber + 1}: {error.Message}");
        }
    }

    private static JsonObject Taken(string member, JsonObject dependencies, List<string> errors)
    {
        var taken = new JsonObject();
        foreach (var (name, value) in dependencies)
        {
            var version = value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
            if (!PackageName().IsMatch(name))
            {
                errors.Add($"{member}: \"{name}\" is not a package's name");
            }
            else if (WhyNot(version) is { } reason)
            {
                errors.Add($"{member}.{name}: \"{version}\": {reason}");
            }

            taken[name] = version;
        }

        return taken;
    }

    private static string? WhyNot(string version) => version switch
    {
        _ when version.StartsWith("file:", StringComparison.OrdinalIgnoreCase) => "files are not installed",
        _ when version.StartsWith("link:", StringComparison.OrdinalIgnoreCase) || version.StartsWith("workspace:", StringComparison.OrdinalIgnoreCase) => "links are not installed",
        _ when version.StartsWith("git", StringComparison.OrdinalIgnoreCase) || version.Contains(".git", StringComparison.OrdinalIgnoreCase) => "repositories are not fetched; use a released version",
        _ when version.Contains("://", StringComparison.Ordinal) => "URLs are not fetched; use a released version",
        _ when version.StartsWith("npm:", StringComparison.Ordinal) => "aliases are not taken; name the package itself",
        _ when version.Contains('/') => "repositories and folders are not fetched; use a released version",
        _ when !VersionRange().IsMatch(version) => "not a version",
        _ => null,
    };

    [GeneratedRegex("^(@[a-z0-9~-][a-z0-9._~-]*/)?[a-zA-Z0-9~-][a-zA-Z0-9._~-]*\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PackageName();

    [GeneratedRegex("^[0-9a-zA-Z.^~<>=|*+ -]*\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionRange();
}
