using System.IO.Compression;

namespace ToolRuntime.Sandbox.Archives;

/// <summary>A layer that lies in a file of its own, compressed, until the archive takes it.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Blob">What it is in the archive.</param>
/// <param name="Difference">Digest of its tar before it was compressed, which names it in an image's configuration.</param>
internal sealed record LayerFile(string Path, Blob Blob, string Difference)
{
    private const int Buffer = 128 * 1024;

    /// <summary>Writes a layer as <paramref name="fill"/> does, to <paramref name="path"/>; nothing of it is kept in memory.</summary>
    public static LayerFile Write(string path, Action<TarOutput> fill, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, Buffer);
        using var compressed = new DigestingStream(file);
        string difference;
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        using (var plain = new DigestingStream(gzip))
        {
            var tar = new TarOutput(plain, cancellationToken);
            fill(tar);
            tar.End();
            difference = plain.Digest();
        }

        return new LayerFile(path, new Blob(Blob.Layer, compressed.Digest(), compressed.Length), difference);
    }
}
