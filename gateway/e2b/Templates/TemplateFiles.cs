using System.Security.Cryptography;
using System.Text;

using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Templates;

/// <summary>
/// What clients upload for <c>COPY</c>: archives by tenant and the hash that the client made of them. At most <see cref="MostBytes"/> are kept of
/// all; the longest unused go first. Uploads come to signed URLs, since clients send them without their key.
/// </summary>
public sealed class TemplateFiles(E2bOptions options, TimeProvider time)
{
    /// <summary>Bytes that are kept.</summary>
    public const long MostBytes = 4L << 30;

    private const int LongestHash = 128;

    /// <summary>The archive, or null where it was not uploaded.</summary>
    internal string? Find(string tenant, string hash)
    {
        var path = PathOf(tenant, hash);
        if (!File.Exists(path))
        {
            return null;
        }

        File.SetLastAccessTimeUtc(path, time.GetUtcNow().UtcDateTime);
        return path;
    }

    /// <summary>Stores an archive; one that came in part is not there.</summary>
    internal async Task StoreAsync(string tenant, string hash, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(tenant, hash);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = $"{path}.{Ids.New()}.part";
        try
        {
            await using (var file = File.Create(part))
            {
                await content.CopyToAsync(file, cancellationToken);
            }

            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        Sweep(path);
    }

    /// <summary>What an upload's URL carries to be let in.</summary>
    internal string Sign(string tenant, string hash) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(options.TokenKey, Encoding.UTF8.GetBytes($"upload:{tenant}:{hash}")));

    private string PathOf(string tenant, string hash)
    {
        if (hash.Length is 0 or > LongestHash || !hash.All(char.IsAsciiLetterOrDigit))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "a files hash is letters and digits");
        }

        var folder = options.Folder ?? throw new FunctionFaultException(FaultCode.NotSupported, "this gateway keeps no files for templates");
        return Path.Combine(folder, "files", tenant, hash + ".tar");
    }

    private void Sweep(string kept)
    {
        var all = new DirectoryInfo(Path.Combine(options.Folder!, "files")).EnumerateFiles("*.tar", SearchOption.AllDirectories).OrderByDescending(f => f.LastAccessTimeUtc).ToList();
        long sum = 0;
        foreach (var file in all)
        {
            sum += file.Length;
            if (sum > MostBytes && file.FullName != kept)
            {
                file.Delete();
            }
        }
    }
}
