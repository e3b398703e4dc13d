using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building.Apps;

namespace ToolRuntime.Runtime.Building;

/// <summary>Finds the file that holds the functions of a package without a manifest.</summary>
internal static class EntryFile
{
    private static readonly Dictionary<string, FunctionLanguage> s_languages = new(StringComparer.OrdinalIgnoreCase)
    {
        [".py"] = FunctionLanguage.Python,
        [".js"] = FunctionLanguage.JavaScript,
        [".mjs"] = FunctionLanguage.JavaScript,
        [".cjs"] = FunctionLanguage.JavaScript,
        [".ts"] = FunctionLanguage.TypeScript,
        [".mts"] = FunctionLanguage.TypeScript,
        [".sh"] = FunctionLanguage.Shell,
        [".csx"] = FunctionLanguage.CSharp,
    };

    private static readonly string[] s_usualNames = ["main", "index", "function_app", "app", "function"];

    /// <summary>The extensions that mean a language, for messages.</summary>
    public static string KnownExtensions { get; } = string.Join(", ", s_languages.Keys);

    /// <summary>The language of a file by its extension, or null.</summary>
    public static FunctionLanguage? LanguageOf(string path) =>
        s_languages.TryGetValue(Path.GetExtension(path), out var language) ? language : null;

    /// <summary>The entry file at the package's root; adds an error and returns an empty string when it cannot be told.</summary>
    public static string Find(string folder, List<string> errors)
    {
        var files = Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal).ToList();
        var sources = files.FindAll(f => LanguageOf(f) is not null);
        var usual = sources.FindAll(f => s_usualNames.Contains(Path.GetFileNameWithoutExtension(f), StringComparer.Ordinal));
        if (sources.Count == 1 || usual.Count == 1)
        {
            return sources.Count == 1 ? sources[0] : usual[0];
        }

        if (File.Exists(Path.Combine(folder, "host.json")))
        {
            errors.Add($"host.json: no folder has a function.json; an app that registers its functions in code {FunctionAppReader.Later}");
        }
        else if (sources.Count == 0)
        {
            errors.Add(files.Count == 1
                ? $"{files[0]}: unknown language; known are {KnownExtensions}"
                : $"the package has no source file at its root; known are {KnownExtensions}");
        }
        else
        {
            errors.Add($"the package has {sources.Count} source files ({string.Join(", ", sources.Take(10))}); say which one in {ManifestReader.FileName}: {{\"entry\": \"{sources[0]}\"}}");
        }

        return "";
    }
}
