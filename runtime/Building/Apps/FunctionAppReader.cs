using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Apps;

/// <summary>Reads an app folder: <c>host.json</c>, and a <c>function.json</c> in the folder of each function.</summary>
internal static class FunctionAppReader
{
    private const string HostFile = "host.json";

    /// <summary>What an error says of anything that is not an MCP tool's trigger.</summary>
    public const string Later = "needs the full Azure Functions host, which comes later; only mcpToolTrigger runs here yet";

    /// <summary>Whether the folder is an app whose functions are described by files.</summary>
    public static bool IsApp(string root) => File.Exists(Path.Combine(root, HostFile)) && Folders(root).Any();

    /// <summary>Reads the app.</summary>
    /// <exception cref="FunctionFaultException">DeployRefused, with every error, each with its file and member.</exception>
    public static FunctionApp Read(string root)
    {
        List<string> errors = [];
        CheckHost(root, errors);
        var reader = new FunctionJsonReader(root, errors);
        var functions = Folders(root).Select(reader.Read).OfType<AppFunction>().ToList();
        errors.AddRange(functions.GroupBy(f => f.Tool.Name, StringComparer.Ordinal).Where(g => g.Count() > 1)
            .Select(g => $"{string.Join(", ", g.Select(f => f.Folder))}: the toolName \"{g.Key}\" is used {g.Count()} times"));
        var languages = functions.Select(f => EntryFile.LanguageOf(f.Script)!.Value).Distinct().ToList();
        if (languages.Count > 1)
        {
            errors.Add($"the functions are written in {string.Join(" and ", languages)}; an app has one language: deploy two apps");
        }

        if (errors.Count == 0 && functions.Count == 0)
        {
            errors.Add("every function is disabled");
        }

        return errors.Count > 0 ? throw BuildFailure.Refused("the function app", errors) : new FunctionApp(languages[0], functions);
    }

    private static IEnumerable<string> Folders(string root) => Directory.EnumerateDirectories(root)
        .Where(f => File.Exists(Path.Combine(f, FunctionJsonReader.FileName)))
        .Select(f => Path.GetFileName(f))
        .Order(StringComparer.Ordinal);

    private static void CheckHost(string root, List<string> errors)
    {
        if (AppJson.Object(File.ReadAllText(Path.Combine(root, HostFile)), HostFile, errors) is { } host
            && AppJson.Member(host, "version")?.ToString() != "2.0")
        {
            errors.Add($"{HostFile}: version: \"2.0\" was expected");
        }
    }
}
