using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.Sandbox.Images;

/// <summary>The folder <c>programs</c> beside the recipes: scripts that every image has in <c>/usr/local/bin</c>.</summary>
internal sealed class ImagePrograms
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private readonly IReadOnlyList<string> _files;

    /// <summary>Those beside the recipes of <paramref name="recipeFolder"/>; none where the folder is missing.</summary>
    public ImagePrograms(string recipeFolder)
    {
        var folder = Path.Combine(recipeFolder, "programs");
        _files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Digest of their names and contents.</summary>
    public string Digest()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in _files)
        {
            digest.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            digest.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    /// <summary>Copies them into a root file system.</summary>
    public void CopyInto(string root)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "usr", "local", "bin")).FullName;
        foreach (var file in _files)
        {
            var copy = Path.Combine(folder, Path.GetFileName(file));
            File.Copy(file, copy, overwrite: true);
            File.SetUnixFileMode(copy, Executable);
        }
    }
}
