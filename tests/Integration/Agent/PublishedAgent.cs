using System.Diagnostics;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>The agent as it ships, published once per content of its sources by the script that the launcher runs too.</summary>
internal static class PublishedAgent
{
    private static readonly Lazy<string> s_path = new(Publish);

    internal static string Path => s_path.Value;

    internal static string CacheFolder { get; } = Environment.GetEnvironmentVariable("TOOLRT_CACHE") ?? "/var/cache/toolrt";

    internal static string TreeTop()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "ToolRuntime.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the tree.");
    }

    private static string Publish()
    {
        using var script = Process.Start(new ProcessStartInfo(System.IO.Path.Combine(TreeTop(), "sandbox/agent/publish.sh"), [CacheFolder])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var path = script.StandardOutput.ReadToEnd().Trim();
        script.WaitForExit();
        return script.ExitCode == 0 ? path : throw new InvalidOperationException($"Publishing the agent failed with exit code {script.ExitCode}.");
    }
}
