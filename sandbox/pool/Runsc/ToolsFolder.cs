using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>The folder that sandboxes see at <c>/toolrt</c>: a copy, so that a rebuild of the agent or the SDK cannot change a sandbox that runs, and one mount serves for both.</summary>
internal static class ToolsFolder
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    // The one language whose sources are not what runs.
    private const string Built = "csharp";

    /// <summary>The .NET installation that this process runs on: the folder of <c>shared</c> and <c>host</c>.</summary>
    public static string DotnetRoot { get; } =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>Fills <paramref name="folder"/>.</summary>
    /// <exception cref="SandboxSetupException">The agent, the SDK or the kernels are not there.</exception>
    public static void Fill(string folder, SandboxOptions options)
    {
        if (!File.Exists(options.AgentPath))
        {
            throw new SandboxSetupException($"the sandbox agent {options.AgentPath} is missing", "publish it: sandbox/agent/publish.sh");
        }

        if (!Directory.Exists(options.SdkFolder))
        {
            throw new SandboxSetupException($"the SDK folder {options.SdkFolder} is missing", "start toolrt from a complete tree");
        }

        if (!Directory.Exists(options.KernelFolder))
        {
            throw new SandboxSetupException($"the kernel folder {options.KernelFolder} is missing", "start toolrt from a complete tree");
        }

        Directory.CreateDirectory(folder);
        var agent = Path.Combine(folder, "agent");
        File.Copy(options.AgentPath, agent, overwrite: true);
        File.SetUnixFileMode(agent, Executable);
        CopyLanguages(options.SdkFolder, options.CSharpWorkerFolder, Path.Combine(folder, "sdk"));
        CopyLanguages(options.KernelFolder, options.CSharpKernelFolder, Path.Combine(folder, "kernels"));
    }

    /// <summary>Digest over all that <paramref name="folder"/> holds.</summary>
    public static string DigestOf(string folder)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            digest.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file)));
            digest.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset())[..16];
    }

    private static void CopyLanguages(string source, string? built, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var language in Directory.EnumerateDirectories(source).Where(f => Path.GetFileName(f) != Built))
        {
            CopyFolder(language, Path.Combine(target, Path.GetFileName(language)));
        }

        if (built is not null)
        {
            CopyFolder(built, Path.Combine(target, Built));
        }
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }

        foreach (var folder in Directory.EnumerateDirectories(source))
        {
            CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
        }
    }
}
