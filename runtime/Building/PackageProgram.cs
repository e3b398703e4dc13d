using System.Text.Json;

namespace ToolRuntime.Runtime.Building;

/// <summary>Finds the program that <c>npx</c> would run, in a package's <c>package.json</c>.</summary>
internal static class PackageProgram
{
    /// <summary>Path of the program below the package's folder.</summary>
    /// <param name="packageJson">The file.</param>
    /// <param name="package">The package's name.</param>
    /// <param name="wanted">The program's name, or null for the only one or the one named like the package.</param>
    /// <exception cref="Functions.FunctionFaultException">DeployRefused: there is none, or it cannot be told which.</exception>
    public static string Find(ReadOnlyMemory<byte> packageJson, string package, string? wanted)
    {
        using var document = Parse(packageJson, package);
        var own = package.Split('/')[^1];
        var programs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (document.RootElement.TryGetProperty("bin", out var bin) && bin.ValueKind == JsonValueKind.String)
        {
            programs[own] = bin.GetString()!;
        }
        else if (bin.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in bin.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String))
            {
                programs[member.Name] = member.Value.GetString()!;
            }
        }

        var found = wanted is not null ? programs.GetValueOrDefault(wanted)
            : programs.Count == 1 ? programs.Values.First()
            : programs.GetValueOrDefault(own);
        return found is not null && SafePath.Normalize(found) is { Length: > 0 } path
            ? path
            : throw BuildFailure.Refused(
                programs.Count == 0 ? $"{package} has no program to run" : $"{package} has the programs {string.Join(", ", programs.Keys)}",
                programs.Count == 0 ? "name a package with a bin entry" : $"use npx -y -p {package} {programs.Keys.First()}");
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json, string package)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw BuildFailure.Refused($"{package}: its package.json cannot be read: {error.Message}");
        }
    }
}
