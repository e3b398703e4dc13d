using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building.Apps;

namespace ToolRuntime.Runtime.Building;

/// <summary>
/// Makes the manifest of a package: what <c>toolruntime.json</c> says, then what the command line says, on top of what the files show.
/// Every error is told at once, each with its member and the fix. The schema is docs/schemas/function.schema.json.
/// </summary>
internal static class ManifestReader
{
    /// <summary>The manifest's name in a package.</summary>
    public const string FileName = "toolruntime.json";

    private static readonly JsonDocumentOptions s_lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    /// <summary>Reads the manifest of the package in <paramref name="folder"/>.</summary>
    /// <exception cref="FunctionFaultException">DeployRefused, with every error.</exception>
    public static FunctionManifest Read(string folder, BuildRequest request) => Read(folder, request, out _);

    /// <summary>Reads the manifest of the package in <paramref name="folder"/>, and the app that it is in the schema of Azure Functions, or null.</summary>
    /// <exception cref="FunctionFaultException">DeployRefused, with every error.</exception>
    public static FunctionManifest Read(string folder, BuildRequest request, out FunctionApp? app)
    {
        var said = new JsonObject();
        List<string> errors = [];
        Merge(said, Parse(Path.Combine(folder, FileName), FileName, errors));
        Merge(said, ParseText(request.ManifestOverrides, "the command line", errors));
        ManifestRules.Check(said, errors);
        var entry = Text(said, "entry") ?? "";
        var isMcp = request.McpCommand is not null || said["command"] is JsonArray { Count: > 0 };
        app = !isMcp && entry.Length == 0 && FunctionAppReader.IsApp(folder) ? FunctionAppReader.Read(folder) : null;
        entry = app?.Entry ?? (isMcp || entry.Length > 0 ? entry : EntryFile.Find(folder, errors));

        var language = LanguageOf(said, entry, isMcp, errors);
        var name = request.Name ?? Text(said, "name") ?? (app is null ? DefaultName(entry, request) : app.Name);
        CheckName(name, errors);
        if (!isMcp && app is null)
        {
            CheckFile(folder, entry, errors);
        }

        if (!isMcp)
        {
            errors.AddRange(new[] { "volumes", "egress" }.Where(said.ContainsKey).Select(member => $"{member}: only the sandbox of an MCP server has it"));
        }

        return errors.Count > 0
            ? throw BuildFailure.Refused("the manifest", errors)
            : Make(said, new FunctionManifest
            {
                Name = name!,
                Language = language,
                Entry = isMcp ? "" : SafePath.Normalize(entry)!,
                Command = request.McpCommand ?? [],
                Isolation = isMcp ? Isolation.Session : Isolation.Function,
            });
    }

    private static void CheckFile(string folder, string entry, List<string> errors)
    {
        if (entry.Length > 0 && (SafePath.Normalize(entry) is not { Length: > 0 } safe || !File.Exists(Path.Combine(folder, safe))))
        {
            errors.Add($"entry: the package has no file {entry}");
        }
    }

    private static void CheckName(string? name, List<string> errors)
    {
        if (name is null)
        {
            errors.Add("name: an app with several functions needs one; give --name, or a name in " + FileName);
        }
        else if (!Names.IsFunction(name) && (name.Length > 0 || errors.Count == 0))
        {
            // An empty one would come from a file that was not found, which has been said.
            errors.Add($"name: \"{name}\" is not a function's name; use a letter, then at most 62 letters, digits, _ or -");
        }
    }

    private static FunctionManifest Make(JsonObject said, FunctionManifest defaults)
    {
        foreach (var decided in (string[])["name", "entry", "language"])
        {
            said.Remove(decided);
        }

        var whole = JsonSerializer.SerializeToNode(defaults, FunctionsJson.Default.FunctionManifest)!.AsObject();
        Merge(whole, said);
        return whole.Deserialize(FunctionsJson.Default.FunctionManifest)!;
    }

    private static FunctionLanguage LanguageOf(JsonObject said, string entry, bool isMcp, List<string> errors)
    {
        if (isMcp)
        {
            return FunctionLanguage.Mcp;
        }

        if (Text(said, "language") is { } named && Enum.TryParse<FunctionLanguage>(named, ignoreCase: true, out var language))
        {
            return language;
        }

        if (entry.Length > 0 && EntryFile.LanguageOf(entry) is { } byExtension)
        {
            return byExtension;
        }

        if (entry.Length > 0)
        {
            errors.Add($"{entry}: unknown language; known are {EntryFile.KnownExtensions}");
        }

        return default;
    }

    private static string DefaultName(string entry, BuildRequest request)
    {
        if (request.McpCommand is { } command)
        {
            return McpCommand.NameOf(command);
        }

        var stem = request.Folder ?? Path.GetFileNameWithoutExtension(entry);
        return string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
    }

    private static JsonObject? Parse(string path, string what, List<string> errors) =>
        File.Exists(path) ? ParseText(File.ReadAllText(path), what, errors) : null;

    private static JsonObject? ParseText(string? json, string what, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return null;
        }

        try
        {
            if (JsonNode.Parse(json, documentOptions: s_lenient) is JsonObject parsed)
            {
                return parsed;
            }

            errors.Add($"{what}: an object was expected");
        }
        catch (JsonException error)
        {
            errors.Add(error.LineNumber is { } line ? $"{what}, line {line + 1}: {error.Message}" : $"{what}: {error.Message}");
        }

        return null;
    }

    private static void Merge(JsonObject target, JsonObject? over)
    {
        foreach (var (name, value) in over ?? [])
        {
            if (value is JsonObject nested && target[name] is JsonObject present)
            {
                Merge(present, nested);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    private static string? Text(JsonObject said, string name) =>
        said[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
