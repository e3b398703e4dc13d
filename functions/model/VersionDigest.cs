using System.Security.Cryptography;
using System.Text.Json;

namespace ToolRuntime.Functions;

/// <summary>Names a version by what it is: the same manifest, tools and layers are the same version, whoever builds them and when.</summary>
public static class VersionDigest
{
    /// <summary>The version with its digest.</summary>
    public static FunctionVersion Name(FunctionVersion version)
    {
        var content = version with { Digest = "", CreatedAt = DateTimeOffset.UnixEpoch, Manifest = Sorted(version.Manifest) };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(content, FunctionsJson.Default.FunctionVersion);
        return version with { Digest = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
    }

    /// <summary>Whether two manifests say the same.</summary>
    public static bool IsSame(FunctionManifest one, FunctionManifest other) => Written(one).AsSpan().SequenceEqual(Written(other));

    private static byte[] Written(FunctionManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(Sorted(manifest), FunctionsJson.Default.FunctionManifest);

    private static FunctionManifest Sorted(FunctionManifest manifest) => manifest with
    {
        Environment = Sorted(manifest.Environment),
        Api = manifest.Api is { } api ? api with { ServerVariables = Sorted(api.ServerVariables) } : null,
        Remote = manifest.Remote is { } remote ? remote with { Headers = Sorted(remote.Headers) } : null,
    };

    private static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string> members) => new(members.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
}
