using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Layers for tests.</summary>
internal static class Tars
{
    public static LayerReference Write(string folder, LayerKind kind, string name, string text)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        }

        var bytes = tar.ToArray();
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, digest), bytes);
        return new LayerReference(kind, digest, bytes.Length);
    }
}
