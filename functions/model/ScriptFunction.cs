namespace ToolRuntime.Functions;

/// <summary>
/// The function that runs an agent's script against a typed client of an API. It is made from the API's own version, one layer of which is its
/// code, so it is kept and removed with the API.
/// </summary>
public static class ScriptFunction
{
    /// <summary>The function in the layer's entry file.</summary>
    public const string Entry = "run_script";

    /// <summary>The layer's entry file.</summary>
    public const string EntryFile = Entry + ".py";

    private const int TimeoutSeconds = 300;

    /// <summary>Whether a version is an API's that scripts can be run against.</summary>
    public static bool IsOfferedBy(FunctionVersion version) =>
        version.Manifest.Language == FunctionLanguage.Api && version.Layers.Any(l => l.Kind == LayerKind.Code);

    /// <summary>The function: each call has a sandbox of its own.</summary>
    /// <param name="api">A version for which <see cref="IsOfferedBy"/> holds.</param>
    /// <param name="tool">The tool as the API shows it; only its name matters to a runtime.</param>
    public static FunctionVersion Of(FunctionVersion api, ToolDefinition tool) => api with
    {
        Manifest = new FunctionManifest
        {
            Name = api.Manifest.Name,
            Language = FunctionLanguage.Python,
            Entry = EntryFile,
            Isolation = Isolation.Request,
            TimeoutSeconds = TimeoutSeconds,
        },
        Tools = [tool with { Entry = Entry }],
        Layers = [.. api.Layers.Where(l => l.Kind == LayerKind.Code)],
    };
}
