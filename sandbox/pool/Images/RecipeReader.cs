using System.Text.RegularExpressions;

using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace ToolRuntime.Sandbox.Images;

/// <summary>Reads and checks image recipes. Every name in one ends in a tool's arguments or a path, so each must have its narrow form.</summary>
public static partial class RecipeReader
{
    private const int MaximumDepth = 4;

    /// <summary>Reads the recipe <paramref name="name"/> of <paramref name="folder"/> and all that it derives from.</summary>
    /// <exception cref="SandboxSetupException">There is none of that name, or one is not right; all errors of a file are told at once.</exception>
    public static ImageRecipe Read(string folder, string name) =>
        Read(name, file => File.Exists(Path.Combine(folder, file)) ? File.ReadAllText(Path.Combine(folder, file)) : null, 0);

    /// <summary>Whether there is a recipe <paramref name="name"/> in <paramref name="folder"/>.</summary>
    public static bool Has(string folder, string name) => ImageName().IsMatch(name) && File.Exists(Path.Combine(folder, name + ".yaml"));

    /// <summary>As <see cref="Read(string, string)"/>, from texts that <paramref name="open"/> gives by file name, null where there is none.</summary>
    internal static ImageRecipe Read(string name, Func<string, string?> open, int depth)
    {
        var fileName = name + ".yaml";
        if (!ImageName().IsMatch(name) || open(fileName) is not { } text)
        {
            throw new SandboxSetupException($"there is no image recipe '{name}'", $"add {fileName} to the recipe folder or name another image");
        }

        if (depth == MaximumDepth)
        {
            throw new SandboxSetupException($"image recipe {fileName}: 'from' nests deeper than {MaximumDepth} or in a circle", "shorten the chain");
        }

        var file = Parse(fileName, text);
        var errors = Check(file).ToList();
        if (errors.Count > 0)
        {
            throw new SandboxSetupException($"image recipe {fileName}: {string.Join("; ", errors)}", "see recipe.schema.json beside it");
        }

        var parent = file.From is null ? null : Read(file.From, open, depth + 1);
        return Merge(name, parent, file);
    }

    private static RecipeFile Parse(string fileName, string text)
    {
        try
        {
            var reader = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithDuplicateKeyChecking().Build();
            return reader.Deserialize<RecipeFile?>(text) ?? new RecipeFile();
        }
        catch (YamlException error)
        {
            var reason = error.InnerException?.Message ?? error.Message;
            throw new SandboxSetupException($"image recipe {fileName}, line {error.Start.Line}: {reason}", "see recipe.schema.json beside it", error);
        }
    }

    private static IEnumerable<string> Check(RecipeFile file)
    {
        foreach (var package in file.Packages.Where(package => !DebianName().IsMatch(package ?? "")))
        {
            yield return $"'{package}' is not a Debian package name";
        }

        foreach (var (package, version) in file.Npm.Where(entry => !NpmName().IsMatch(entry.Key) || !ExactVersion().IsMatch(entry.Value ?? "")))
        {
            yield return $"npm package '{package}: {version}' needs a name and an exact version such as 1.2.3";
        }

        foreach (var (variable, value) in file.Environment.Where(entry => !VariableName().IsMatch(entry.Key) || entry.Value is null))
        {
            yield return $"environment '{variable}: {value}' is not a name with a value";
        }

        foreach (var mirror in file.Mirrors.Where(mirror => !MirrorName().IsMatch(mirror ?? "")))
        {
            yield return $"mirror '{mirror}' is no host, such as packages.example.com or packages.example.com:8080";
        }

        if (file.Kernel is not (null or "java" or "r"))
        {
            yield return $"kernel '{file.Kernel}' is neither 'java' nor 'r'";
        }

        if (file.Root is not (null or "readonly" or "writable"))
        {
            yield return $"root '{file.Root}' is neither 'readonly' nor 'writable'";
        }

        foreach (var (target, source) in file.HostFolders.Where(entry => !FolderPath().IsMatch(entry.Key) || entry.Value is not "dotnet"))
        {
            yield return $"host folder '{target}: {source}' needs an absolute path and a known folder (dotnet)";
        }
    }

    private static ImageRecipe Merge(string name, ImageRecipe? parent, RecipeFile file)
    {
        var start = parent ?? new ImageRecipe { Name = name };
        return start with
        {
            Name = name,
            Description = file.Description,
            Packages = [.. start.Packages.Union(file.Packages, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Npm = [.. start.Npm.Where(package => !file.Npm.ContainsKey(package.Name))
                .Concat(file.Npm.Select(entry => new NpmPackage(entry.Key, entry.Value)))
                .OrderBy(package => package.Name, StringComparer.Ordinal)],
            Mirrors = [.. start.Mirrors.Union(file.Mirrors, StringComparer.Ordinal)],
            Environment = Merge(start.Environment, file.Environment),
            HostFolders = Merge(start.HostFolders, file.HostFolders.ToDictionary(entry => entry.Key, _ => HostFolder.Dotnet, StringComparer.Ordinal)),
            Kernel = file.Kernel ?? start.Kernel,
            Root = file.Root switch { null => start.Root, "writable" => ImageRoot.Writable, _ => ImageRoot.ReadOnly },
        };
    }

    private static SortedDictionary<string, T> Merge<T>(IReadOnlyDictionary<string, T> under, IReadOnlyDictionary<string, T> over)
    {
        var merged = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in under.Concat(over))
        {
            merged[key] = value;
        }

        return merged;
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ImageName();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9+.\-]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DebianName();

    [GeneratedRegex(@"^(@[a-z0-9~\-][a-z0-9._~\-]*/)?[a-z0-9~][a-z0-9._~\-]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NpmName();

    [GeneratedRegex(@"^\d+\.\d+\.\d+(-[0-9A-Za-z.\-]+)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExactVersion();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MirrorName();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VariableName();

    [GeneratedRegex(@"^(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FolderPath();
}
