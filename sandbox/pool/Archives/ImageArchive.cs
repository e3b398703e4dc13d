using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Sandbox.Archives;

/// <summary>
/// One tar that is an OCI image layout, and what <c>docker load</c> takes: engines before Docker 25 read <c>manifest.json</c>, all others
/// <c>index.json</c>, and both name the same blobs. Equal images give equal bytes.
/// </summary>
public sealed class ImageArchive
{
    private const int Schema = 2;
    private const int Buffer = 128 * 1024;
    private const uint FolderMode = 0b111_101_101;

    // Of .NET what runs programs; what builds them is five times as large.
    private static readonly string[] s_dotnet = ["dotnet", "host", "shared", "LICENSE.txt", "ThirdPartyNotices.txt"];
    private readonly SandboxImage _image;
    private readonly ImageDescription _description;
    private readonly string _file;
    private readonly IProgress<string> _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly List<(LayerFile File, string Origin)> _layers = [];

    private ImageArchive(SandboxImage image, string file, string tag, IProgress<string> progress, CancellationToken cancellationToken)
    {
        _image = image;
        _description = new ImageDescription(image, tag);
        _file = file;
        _progress = progress;
        _cancellationToken = cancellationToken;
    }

    private string Half => $"{_file}.{Environment.ProcessId}.part";

    /// <summary>Writes <paramref name="image"/> to <paramref name="file"/>, which is there whole or not at all, in place of one that stands there. The folder beside it takes the layers until then. Once loaded it is <c>toolrt/NAME:tag</c>.</summary>
    /// <exception cref="IOException">The image cannot be read, or the file not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">As before, for lack of a right.</exception>
    /// <exception cref="SandboxSetupException">The image has something that no archive can hold.</exception>
    public static Task<WrittenArchive> WriteAsync(SandboxImage image, string file, string tag, IProgress<string> progress, CancellationToken cancellationToken) =>
        Task.Run(() => new ImageArchive(image, Path.GetFullPath(file), tag, progress, cancellationToken).Write(), cancellationToken);

    private WrittenArchive Write()
    {
        try
        {
            AddLayer("the root file system", tar => new LayerTar(tar).AddContent(_image.RootFolder, ""));
            foreach (var (target, folder) in _image.Recipe.HostFolders)
            {
                AddHostFolder(target, folder);
            }

            var written = Assemble();
            DiskSync.File(Half);
            File.Move(Half, _file, overwrite: true);
            return written;
        }
        finally
        {
            File.Delete(Half);
            _layers.ForEach(layer => File.Delete(layer.File.Path));
            File.Delete(LayerPath(_layers.Count));
        }
    }

    private string LayerPath(int number) => $"{_file}.{Environment.ProcessId}.layer{number}.part";

    private void AddLayer(string origin, Action<TarOutput> fill)
    {
        _progress.Report($"image {_image.Recipe.Name}: packing {origin}");
        _layers.Add((LayerFile.Write(LayerPath(_layers.Count), fill, _cancellationToken), "toolrt: " + origin));
    }

    /// <summary>What sandboxes see of the host, a container elsewhere must have of its own.</summary>
    private void AddHostFolder(string target, HostFolder folder)
    {
        var source = folder switch
        {
            HostFolder.Dotnet => ToolsFolder.DotnetRoot,
            _ => throw new InvalidOperationException($"unknown host folder {folder}"),
        };
        if (!File.Exists(Path.Combine(source, "dotnet")))
        {
            throw new SandboxSetupException($"image {_image.Recipe.Name} has the host's .NET, and there is none in {source}", "start toolrt by its launcher, with the .NET of the machine");
        }

        AddLayer($".NET at {target}", tar =>
        {
            var layer = new LayerTar(tar) { IsRoots = true };
            layer.AddFolders(target);
            layer.AddContent(source, target.Trim('/') + "/", s_dotnet.Contains);
        });
    }

    private WrittenArchive Assemble()
    {
        _progress.Report($"image {_image.Recipe.Name}: writing {_file}");
        var reference = _description.Reference;
        var (configuration, configurationBytes) = Document(Blob.Configuration, _description.Configuration(_layers), ImageJson.Plain.ImageConfiguration);
        var (manifest, manifestBytes) = Document(Blob.Manifest, new ImageManifest(Schema, Blob.Manifest, configuration, [.. _layers.Select(l => l.File.Blob)]), ImageJson.Plain.ImageManifest);
        var (_, index) = Document(Blob.Index, new ImageIndex(Schema, Blob.Index, [_description.Named(manifest)]), ImageJson.Plain.ImageIndex);

        using var file = new FileStream(Half, FileMode.Create, FileAccess.Write, FileShare.None, Buffer);
        var tar = new TarOutput(file, _cancellationToken);
        Add(tar, "oci-layout", JsonSerializer.SerializeToUtf8Bytes(new LayoutMark("1.0.0"), ImageJson.Plain.LayoutMark));
        Add(tar, "index.json", index);
        Add(tar, "manifest.json", JsonSerializer.SerializeToUtf8Bytes([new EngineImage(configuration.Path, [reference], [.. _layers.Select(l => l.File.Blob.Path)])], ImageJson.Plain.EngineImageArray));
        tar.Write(new TarItem(TarItem.Folder, "blobs/") { Mode = FolderMode });
        tar.Write(new TarItem(TarItem.Folder, "blobs/sha256/") { Mode = FolderMode });
        Add(tar, configuration.Path, configurationBytes);
        Add(tar, manifest.Path, manifestBytes);
        foreach (var (layer, _) in _layers)
        {
            using var content = File.OpenRead(layer.Path);
            tar.Write(new TarItem(TarItem.File, layer.Blob.Path) { Size = layer.Blob.Size }, content);
        }

        tar.End();
        return new WrittenArchive(reference, manifest.Digest, configuration.Digest, file.Position);
    }

    private static void Add(TarOutput tar, string name, byte[] content) => tar.Write(new TarItem(TarItem.File, name) { Size = content.Length }, new MemoryStream(content));

    private static (Blob Blob, byte[] Bytes) Document<T>(string mediaType, T value, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        return (new Blob(mediaType, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length), bytes);
    }
}
