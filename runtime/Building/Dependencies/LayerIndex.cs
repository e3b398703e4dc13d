using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>
/// Remembers which layer an installation made, by what was asked for, so that the same requirements are not installed again. Kept for a
/// day: later, newer versions may fit.
/// </summary>
internal sealed class LayerIndex(string folder, ObjectStore objects, TimeProvider time)
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(1);

    /// <summary>The name of what was asked for.</summary>
    public static string KeyOf(string tenant, params IReadOnlyList<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [tenant, .. parts]))));

    /// <summary>The layer, where it is known and still stored.</summary>
    public async Task<LayerReference?> FindAsync(string tenant, string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            await using var file = File.OpenRead(path);
            var entry = await JsonSerializer.DeserializeAsync(file, IndexJson.Default.LayerEntry, cancellationToken);
            return entry is not null && entry.At + s_lifetime > time.GetUtcNow()
                && await objects.TryTouchAsync(tenant, LayerWriter.ObjectKind, entry.Layer.Digest, cancellationToken)
                ? entry.Layer
                : null;
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            return null;
        }
    }

    /// <summary>Remembers a layer.</summary>
    public async Task KeepAsync(string key, LayerReference layer, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(key);
        var fresh = $"{path}.{Ids.New()}";
        await File.WriteAllBytesAsync(fresh, JsonSerializer.SerializeToUtf8Bytes(new LayerEntry(layer, time.GetUtcNow()), IndexJson.Default.LayerEntry), cancellationToken);
        File.Move(fresh, path, overwrite: true);
    }

    private string PathOf(string key) => Path.Combine(folder, key + ".json");
}
