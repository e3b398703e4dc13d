using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Archives;

/// <summary>File <c>oci-layout</c> (OCI image specification 1.0, image layout).</summary>
internal sealed record LayoutMark(string ImageLayoutVersion);

/// <summary>A blob of an archive (OCI: descriptor).</summary>
/// <param name="MediaType">What it is.</param>
/// <param name="Digest">Its digest, <c>sha256:HEX</c>.</param>
/// <param name="Size">Bytes.</param>
internal sealed record Blob(string MediaType, string Digest, long Size)
{
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Configuration = "application/vnd.oci.image.config.v1+json";
    public const string Layer = "application/vnd.oci.image.layer.v1.tar+gzip";

    public Platform? Platform { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Its path in the archive.</summary>
    [JsonIgnore]
    public string Path => "blobs/" + Digest.Replace(':', '/');
}

/// <summary>What an image runs on.</summary>
internal sealed record Platform(string Architecture, [property: JsonPropertyName("os")] string System);

/// <summary>File <c>index.json</c> (OCI: image index).</summary>
internal sealed record ImageIndex(int SchemaVersion, string MediaType, IReadOnlyList<Blob> Manifests);

/// <summary>OCI: image manifest.</summary>
internal sealed record ImageManifest(int SchemaVersion, string MediaType, Blob Config, IReadOnlyList<Blob> Layers);

/// <summary>OCI: image configuration.</summary>
internal sealed record ImageConfiguration(string Created, string Architecture, [property: JsonPropertyName("os")] string System, ContainerDefaults Config, LayerList Rootfs, IReadOnlyList<LayerHistory> History);

/// <summary>How a container of it is started, unless it is said otherwise.</summary>
internal sealed record ContainerDefaults(
    [property: JsonPropertyName("User")] string User,
    [property: JsonPropertyName("Env")] IReadOnlyList<string> Environment,
    [property: JsonPropertyName("Cmd")] IReadOnlyList<string> Command,
    [property: JsonPropertyName("WorkingDir")] string WorkingFolder,
    [property: JsonPropertyName("Labels")] IReadOnlyDictionary<string, string> Labels);

/// <summary>An image's layers, the lowest first, by the digests of their tars.</summary>
internal sealed record LayerList(string Type, [property: JsonPropertyName("diff_ids")] IReadOnlyList<string> Differences);

/// <summary>Where a layer comes from.</summary>
internal sealed record LayerHistory(string Created, [property: JsonPropertyName("created_by")] string CreatedBy);

/// <summary>An image in <c>manifest.json</c>, which engines before Docker 25 read in place of the index.</summary>
internal sealed record EngineImage(
    [property: JsonPropertyName("Config")] string Config,
    [property: JsonPropertyName("RepoTags")] IReadOnlyList<string> Tags,
    [property: JsonPropertyName("Layers")] IReadOnlyList<string> Layers);

/// <summary>Their JSON.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(LayoutMark))]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageConfiguration))]
[JsonSerializable(typeof(EngineImage[]))]
internal sealed partial class ImageJson : JsonSerializerContext
{
    /// <summary>As other tools write it: a plus sign in a media type stays one.</summary>
    public static ImageJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
