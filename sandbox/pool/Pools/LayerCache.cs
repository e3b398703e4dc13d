using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>Layers on disk, by tenant and content. The runtime fills it; the pools mount from it.</summary>
public sealed class LayerCache
{
    private static readonly SearchValues<char> _hex = SearchValues.Create("0123456789abcdef");
    private readonly string _folder;
    private readonly Func<string, LayerReference, Stream, CancellationToken, ValueTask<bool>> _fetch;
    private readonly ConcurrentDictionary<(string Tenant, string Digest), Lazy<Task<string>>> _layers = new();
    private readonly CacheEntries _entries;

    /// <summary>A cache under <paramref name="folder"/>; <paramref name="fetch"/> copies a missing layer's tar (tenant, layer, destination), false when there is none.</summary>
    public LayerCache(string folder, Func<string, LayerReference, Stream, CancellationToken, ValueTask<bool>> fetch, TimeProvider time)
    {
        _folder = folder;
        _fetch = fetch;
        _entries = new CacheEntries(Path.Combine(folder, ".lock"), time);
    }

    /// <summary>The layer's folder on the host, extracted and complete; fetched when missing, once however many ask.</summary>
    /// <exception cref="FunctionFaultException">There is no such layer, or its tar is not what its digest says or not safe.</exception>
    public ValueTask<string> EnsureAsync(string tenant, LayerReference layer, CancellationToken cancellationToken)
    {
        if (!Names.IsTenant(tenant) || !IsDigest(layer.Digest))
        {
            throw new ArgumentException($"'{tenant}' is no tenant or '{layer.Digest}' no digest");
        }

        var key = (tenant, layer.Digest);
        var made = _layers.GetOrAdd(key, static (_, state) => new Lazy<Task<string>>(() => state.Cache.MakeAsync(state.Tenant, state.Layer)), (Cache: this, Tenant: tenant, Layer: layer));
        var task = made.Value;
        return task.IsCompletedSuccessfully && _entries.IsInUse(task.Result)
            ? new ValueTask<string>(task.Result)
            : new ValueTask<string>(WaitAsync(layer, key, made, cancellationToken));
    }

    /// <summary>Removes the layers that no process which shares the cache has used for <paramref name="unusedFor"/>; returns their folders.</summary>
    public async Task<IReadOnlyList<string>> CollectAsync(TimeSpan unusedFor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<string> removed = [];
        foreach (var home in Directory.Exists(_folder) ? Directory.EnumerateDirectories(_folder) : [])
        {
            CacheEntries.Sweep(home);
            foreach (var folder in Directory.EnumerateDirectories(home).Where(f => IsDigest(Path.GetFileName(f))).ToList())
            {
                if (await _entries.TryRemoveAsync(folder, unusedFor, now, cancellationToken))
                {
                    _layers.TryRemove((Path.GetFileName(home), Path.GetFileName(folder)), out _);
                    removed.Add(folder);
                }
            }
        }

        return removed;
    }

    private static bool IsDigest(string digest) =>
        digest.Length == 64 && digest.AsSpan().IndexOfAnyExcept(_hex) < 0;

    private async Task<string> WaitAsync(LayerReference layer, (string Tenant, string Digest) key, Lazy<Task<string>> made, CancellationToken cancellationToken)
    {
        try
        {
            var folder = await made.Value.WaitAsync(cancellationToken);
            if (_entries.IsInUse(folder) || await _entries.TryUseAsync(folder, cancellationToken))
            {
                return folder;
            }

            // It was not used for so long that somebody removed it.
            _layers.TryRemove(new(key, made));
            return await EnsureAsync(key.Tenant, layer, cancellationToken);
        }
        finally
        {
            // A failure is not remembered: the next caller tries anew.
            if (made.Value is { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                _layers.TryRemove(new(key, made));
            }
        }
    }

    // Shared by all who ask, so no single caller's token may end it.
    private async Task<string> MakeAsync(string tenant, LayerReference layer)
    {
        await Task.Yield();
        var folder = Path.Combine(_folder, tenant, layer.Digest);
        while (!await _entries.TryUseAsync(folder, CancellationToken.None))
        {
            await ExtractAsync(tenant, layer, folder);
        }

        return folder;
    }

    private async Task ExtractAsync(string tenant, LayerReference layer, string folder)
    {
        var home = Path.GetDirectoryName(folder)!;
        Directory.CreateDirectory(home);
        var work = Path.Combine(home, $".{layer.Digest}-{Guid.NewGuid():n}");
        var tar = work + ".tar";
        try
        {
            await FetchAsync(tenant, layer, tar);
            await using var stream = File.OpenRead(tar);
            TarExtraction.Extract(stream, work);
            Publish(work, folder);
        }
        catch (InvalidDataException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.DeployRefused, $"layer {layer.Digest[..12]}: {error.Message}", "deploy the function again"), error);
        }
        finally
        {
            File.Delete(tar);
            if (Directory.Exists(work))
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    private async Task FetchAsync(string tenant, LayerReference layer, string path)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite);
        if (!await _fetch(tenant, layer, file, CancellationToken.None))
        {
            throw new InvalidDataException("it is not in the package store");
        }

        file.Position = 0;
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
        if (!string.Equals(digest, layer.Digest, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"its content has digest {digest[..12]}");
        }
    }

    private static void Publish(string work, string folder)
    {
        try
        {
            Directory.Move(work, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was faster; content is content.
        }
    }
}
