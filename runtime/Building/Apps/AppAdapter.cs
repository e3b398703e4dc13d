using System.Text.Json.Nodes;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Apps;

/// <summary>
/// Puts a small program beside an app's files that gives its functions to the worker as tools, so that workers know nothing of apps.
/// </summary>
internal static class AppAdapter
{
    private const string TableFile = "_toolrt_app.json";
    private const string SettingsFile = "local.settings.json";

    /// <summary>Writes the adapter and its table into <paramref name="root"/>.</summary>
    /// <exception cref="FunctionFaultException">DeployRefused: the app has a file of one of these names.</exception>
    public static async Task WriteAsync(FunctionApp app, string root, CancellationToken cancellationToken)
    {
        foreach (var name in (string[])[app.Entry, TableFile])
        {
            if (File.Exists(Path.Combine(root, name)))
            {
                throw BuildFailure.Refused($"{name}: the name is the runtime's own", "give the file another name");
            }
        }

        // A developer's settings hold credentials, and no deployment takes them.
        File.Delete(Path.Combine(root, SettingsFile));
        await using var source = typeof(AppAdapter).Assembly.GetManifestResourceStream(app.Entry)
            ?? throw new InvalidOperationException($"{app.Entry} is not embedded");
        await using var target = File.Create(Path.Combine(root, app.Entry));
        await source.CopyToAsync(target, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(root, TableFile), Table(app), cancellationToken);
    }

    private static string Table(FunctionApp app) => new JsonArray([.. app.Functions.Select(f => new JsonObject
    {
        ["name"] = f.Folder,
        ["tool"] = f.Tool.Name,
        ["script"] = f.Script,
        ["entryPoint"] = f.EntryPoint,
        ["binding"] = f.Binding,
    })]).ToJsonString();
}
