using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Images;

/// <summary>
/// A root file system with the agent and the SDKs in it, as one EROFS file. gVisor maps it and reads it by itself; folders of the host
/// are read through one more process for each sandbox, which costs a quarter of a boot (docs/decisions/0007).
/// </summary>
internal static class PackedRoot
{
    private const string Suffix = ".erofs";

    // The C# worker and kernel are larger than the rest together, and their images need folders of the host in any case.
    private static readonly string[] s_notPacked = ["sdk/csharp/", "kernels/csharp/"];

    /// <summary>The file for an image's folder and the tools in <paramref name="toolsFolder"/>, which it is named by.</summary>
    public static string FileIn(string imageFolder, string toolsFolder) => Path.Combine(imageFolder, DigestOf(toolsFolder) + Suffix);

    /// <summary>Makes <paramref name="file"/>, and takes away those beside it that no process uses. The caller holds the image's lock.</summary>
    /// <exception cref="SandboxSetupException">There is no mkfs.erofs, or it failed.</exception>
    public static async Task MakeAsync(string file, string rootFolder, string toolsFolder, CancellationToken cancellationToken)
    {
        var half = file + ".half";
        var work = file + ".root";
        Mounts.DeleteFolder(work);
        try
        {
            // Hard links: the root's own files are neither copied nor written.
            await new ToolCommand("cp", ["-al", rootFolder, work]).RunAsync(null, cancellationToken);
            foreach (var tool in FilesOf(toolsFolder))
            {
                var target = Path.Combine(work, "toolrt", tool);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(Path.Combine(toolsFolder, tool), target);
            }

            // gVisor cannot map data that is kept inside of an inode.
            await new ToolCommand("mkfs.erofs", ["--quiet", "-E", "noinline_data", half, work]) { Package = "erofs-utils", Hint = "is the disk full?" }
                .RunAsync(null, cancellationToken);
            File.Move(half, file, overwrite: true);
        }
        finally
        {
            Mounts.DeleteFolder(work);
            File.Delete(half);
        }

        RemoveUnused(file);
    }

    /// <summary>Holds <paramref name="file"/>, so that no process takes it away, until disposed; null where it is not there.</summary>
    public static FileStream? TryHold(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static void RemoveUnused(string kept)
    {
        foreach (var other in Directory.EnumerateFiles(Path.GetDirectoryName(kept)!, "*" + Suffix).Where(f => f != kept))
        {
            try
            {
                using var alone = new FileStream(other, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
                File.Delete(other);
            }
            catch (IOException)
            {
                // Another process holds it.
            }
        }
    }

    private static string DigestOf(string toolsFolder)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in FilesOf(toolsFolder))
        {
            digest.AppendData(Encoding.UTF8.GetBytes(file));
            digest.AppendData(SHA256.HashData(File.ReadAllBytes(Path.Combine(toolsFolder, file))));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset())[..16];
    }

    private static IEnumerable<string> FilesOf(string toolsFolder) => Directory
        .EnumerateFiles(toolsFolder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(toolsFolder, file))
        .Where(file => !s_notPacked.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)))
        .Order(StringComparer.Ordinal);
}
