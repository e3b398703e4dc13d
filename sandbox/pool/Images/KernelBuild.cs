using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.Sandbox.Images;

/// <summary>A kernel that is built into an image: its sources are copied into the new root, and <c>build.sh</c> runs there, as the packages' own scripts do.</summary>
/// <param name="Folder">Its sources.</param>
/// <param name="Target">Where its part of the image lies, in the sandbox.</param>
/// <param name="Digest">Lower-case hex SHA-256 over what is built.</param>
internal sealed record KernelBuild(string Folder, string Target, string Digest)
{
    private const string Script = "build.sh";
    private const string Sources = "/run/toolrt-kernel";

    /// <summary>What mmdebstrap is to do when all packages are installed.</summary>
    public IReadOnlyList<string> Hooks =>
    [
        $"--customize-hook=cp -r '{Folder.Replace("'", "'\\''", StringComparison.Ordinal)}' \"$1{Sources}\"",
        $"--customize-hook=chroot \"$1\" sh {Sources}/{Script} {Target}",
        $"--customize-hook=rm -r \"$1{Sources}\"",
    ];

    /// <summary>What a recipe asks for; null where that is nothing, or a kernel that needs no building.</summary>
    public static KernelBuild? Of(ImageRecipe recipe, string? kernels)
    {
        if (recipe.Kernel is null || kernels is null || Path.Combine(kernels, recipe.Kernel) is var folder && !File.Exists(Path.Combine(folder, Script)))
        {
            return null;
        }

        return new KernelBuild(Path.GetFullPath(folder), $"/usr/local/lib/toolrt/{recipe.Kernel}", DigestOf(folder));
    }

    // The rest is what starts it, and comes with the other kernels.
    private static bool IsBuilt(string file) => Path.GetExtension(file) is ".java" or ".sh";

    private static string DigestOf(string folder)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsBuilt).Order(StringComparer.Ordinal))
        {
            digest.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file)));
            digest.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }
}
