using System.Diagnostics;

using ToolRuntime.Tests.Integration.Agent;

namespace ToolRuntime.Tests.Integration.Kernels;

/// <summary>The C# kernel as it ships, published once per content of its sources by the script that the launcher runs too.</summary>
internal static class PublishedKernel
{
    private static readonly Lazy<string> s_folder = new(Publish);

    public static string Folder => s_folder.Value;

    private static string Publish()
    {
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(KernelProcess.Folder, "csharp", "publish.sh"), [PublishedAgent.CacheFolder]) { RedirectStandardOutput = true })!;
        var folder = script.StandardOutput.ReadToEnd().Trim();
        script.WaitForExit();
        return script.ExitCode == 0 ? folder : throw new InvalidOperationException($"publishing the C# kernel failed with exit code {script.ExitCode}");
    }
}
