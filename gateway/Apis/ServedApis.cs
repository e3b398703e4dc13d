using System.Collections.Concurrent;

using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Names;

namespace ToolRuntime.Gateway.Apis;

/// <summary>
/// The APIs of this gateway by version, read once each. A package is fetched from the bus once and kept on disk by its digest, so that a
/// restart reads it from there.
/// </summary>
public sealed class ServedApis(MessageBus bus, ApiOptions options, ApiServices services)
{
    private const string ObjectKind = "layer";
    private const int MaximumKept = 512;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<(string Tenant, string Digest), Lazy<Task<ServedApi>>> _sources = new();

    /// <summary>The source of a version, read where it is not known yet.</summary>
    /// <exception cref="FunctionFaultException">Its package is gone or cannot be read.</exception>
    public async Task<ServedApi> GetAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        var key = (version.Tenant, version.Digest);
        var reading = _sources.GetOrAdd(key, _ => new Lazy<Task<ServedApi>>(() => ReadAsync(version)));
        try
        {
            return await reading.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (reading.Value.IsFaulted || reading.Value.IsCanceled)
        {
            _sources.TryRemove(new KeyValuePair<(string, string), Lazy<Task<ServedApi>>>(key, reading));
            throw;
        }
    }

    /// <summary>Keeps a source that was just made, so that its version need not be read again.</summary>
    public void Keep(ServedApi source)
    {
        if (_sources.Count >= MaximumKept)
        {
            // Only a saving of time: what serves is held by the catalog.
            _sources.Clear();
        }

        _sources[(source.Version.Tenant, source.Version.Digest)] = new Lazy<Task<ServedApi>>(Task.FromResult(source));
    }

    /// <summary>What a version was registered with.</summary>
    /// <exception cref="FunctionFaultException">It is gone or cannot be read.</exception>
    public async Task<ApiPackage> PackageAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        var documents = await ReadAsync(version, LayerKind.Documents, DocumentsAsync, cancellationToken);
        return documents.With(await ReadAsync(version, LayerKind.Names, NamesAsync, cancellationToken));
    }

    /// <summary>What a layer says. The file of one that says nothing is removed, so that the next who asks has it fetched anew.</summary>
    private async Task<T> ReadAsync<T>(FunctionVersion version, LayerKind kind, Func<string, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var path = await FileAsync(version, kind, cancellationToken);
        try
        {
            return await read(path, cancellationToken);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            File.Delete(path);
            throw new FunctionFaultException(
                new FunctionFault(FaultCode.Internal, $"the {kind.ToString().ToLowerInvariant()} of '{version.Manifest.Name}' cannot be read: {error.Message}", "try again; if it stays so, register the API again"), error);
        }
    }

    private static async Task<ApiPackage> DocumentsAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return await ApiPackage.ReadAsync(file, cancellationToken);
    }

    private static async Task<ReadOnlyMemory<byte>> NamesAsync(string path, CancellationToken cancellationToken)
    {
        var names = await File.ReadAllBytesAsync(path, cancellationToken);
        NameLock.Parse(names);
        return names;
    }

    /// <summary>The file of a layer, fetched where it is not there.</summary>
    private async Task<string> FileAsync(FunctionVersion version, LayerKind kind, CancellationToken cancellationToken)
    {
        var digest = version.Layers.Single(l => l.Kind == kind).Digest;
        var path = Path.Combine(options.CacheFolder, digest);
        if (!File.Exists(path))
        {
            await FetchAsync(version, digest, path, cancellationToken);
        }

        return path;
    }

    private async Task FetchAsync(FunctionVersion version, string digest, string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.CacheFolder);
        var temporary = $"{path}.{Ids.New()}";
        try
        {
            await using (var file = File.Create(temporary))
            {
                if (!await bus.Objects.TryGetAsync(version.Tenant, ObjectKind, digest, file, cancellationToken))
                {
                    throw new FunctionFaultException(FaultCode.Internal, $"the documents of '{version.Manifest.Name}' are no longer kept", "register the API again");
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // Shared by all who ask, so no single caller's token may end it.
    private async Task<ServedApi> ReadAsync(FunctionVersion version)
    {
        using var patience = new CancellationTokenSource(s_patience);
        var package = await PackageAsync(version, patience.Token);
        var model = await ApiReading.ModelAsync(package, patience.Token);
        return new ServedApi(version, model, ApiReading.Tools(model, version.Manifest.Api!, ServedApi.PrefixOf(version.Manifest), package.Names), services);
    }
}
