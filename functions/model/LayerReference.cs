using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>One read-only folder of a function, kept by content.</summary>
/// <param name="Kind">What it is mounted for.</param>
/// <param name="Digest">Lower-case hex SHA-256 of the layer's tar.</param>
/// <param name="Size">Length of that tar, bytes.</param>
public sealed record LayerReference(LayerKind Kind, string Digest, long Size)
{
    /// <summary>The mount point's name below <c>/layers</c>.</summary>
    [JsonIgnore]
    public string MountName => Kind switch
    {
        LayerKind.Code => "code",
        LayerKind.PythonPackages => "site-packages",
        LayerKind.NodeModules => "node_modules",
        LayerKind.Assemblies => "assemblies",
        _ => throw new InvalidOperationException($"unknown layer kind {Kind}"),
    };
}
