using System.Diagnostics;

using ToolRuntime.Tests.Integration.Agent;

namespace ToolRuntime.Tests.Integration.CSharp;

/// <summary>The C# worker as it ships, published once per content of its sources by the script that the launcher runs too.</summary>
internal static class PublishedWorker
{
    private static readonly Lazy<string> s_folder = new(Publish);

    public static string Folder => s_folder.Value;

    public static string Assembly => Path.Combine(Folder, "ToolRuntime.Sdk.CSharp.dll");

    private static string Publish()
    {
        var path = Path.Combine(PublishedAgent.TreeTop(), "functions/sdk/csharp/publish.sh");
        using var script = Process.Start(new ProcessStartInfo(path, [PublishedAgent.CacheFolder]) { RedirectStandardOutput = true })!;
        var folder = script.StandardOutput.ReadToEnd().Trim();
        script.WaitForExit();
        return script.ExitCode == 0 ? folder : throw new InvalidOperationException($"publishing the C# worker failed with exit code {script.ExitCode}");
    }
}
