using System.Security.Cryptography;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.Objects;

namespace ToolRuntime.Bus.State;

/// <summary>Packages, layers and large payloads: NATS object-store layout, 128 KiB chunks, SHA-256 checked on reading, on a connection of its own.</summary>
public sealed class ObjectStore
{
    private const string PayloadKind = "payload";
    private readonly NatsObjStore _packages;
    private readonly NatsObjStore _payloads;

    internal ObjectStore(NatsObjStore packages, NatsObjStore payloads)
    {
        _packages = packages;
        _payloads = payloads;
    }

    /// <summary>Stores the stream's bytes under <c>{tenant}/{kind}/{digest}</c> and returns the digest (lower-case hex SHA-256). Content that is there is not stored again, but becomes young for whoever collects old objects.</summary>
    public async ValueTask<string> PutAsync(string tenant, string kind, Stream content, CancellationToken cancellationToken)
    {
        if (content.CanSeek)
        {
            var start = content.Position;
            var known = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
            if (await TryTouchAsync(tenant, kind, known, cancellationToken))
            {
                return known;
            }

            content.Position = start;
        }

        var (metadata, hash) = await _packages.UploadAsync(content, cancellationToken);
        var digest = Convert.ToHexStringLower(hash);
        await KeepAsync((tenant, kind, digest), metadata, cancellationToken);
        return digest;
    }

    /// <summary>Stores the stream's bytes under a name that the caller gives, <c>{tenant}/{kind}/{name}</c>. What is there already stays, and becomes young for whoever collects old objects.</summary>
    public async ValueTask PutAsync(string tenant, string kind, string name, Stream content, CancellationToken cancellationToken)
    {
        var (metadata, _) = await _packages.UploadAsync(content, cancellationToken);
        await KeepAsync((tenant, kind, name), metadata, cancellationToken);
    }

    /// <summary>Copies an object to <paramref name="destination"/>; false when there is none.</summary>
    /// <exception cref="InvalidDataException">The content does not have its digest.</exception>
    public async ValueTask<bool> TryGetAsync(string tenant, string kind, string digest, Stream destination, CancellationToken cancellationToken)
    {
        if (await _packages.GetInfoAsync(NameOf(tenant, kind, digest), cancellationToken) is not { } metadata)
        {
            return false;
        }

        await _packages.CopyToAsync(metadata, destination, cancellationToken);
        return true;
    }

    /// <summary>Says that an object is needed, so that it is not collected soon; false when there is none.</summary>
    public ValueTask<bool> TryTouchAsync(string tenant, string kind, string digest, CancellationToken cancellationToken) =>
        _packages.TryTouchAsync(NameOf(tenant, kind, digest), cancellationToken);

    /// <summary>All packages and layers.</summary>
    public async ValueTask<IReadOnlyList<StoredObject>> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<StoredObject>();
        foreach (var (metadata, revision) in await _packages.ListAsync(cancellationToken))
        {
            if (metadata.Name.Split('/') is [var tenant, var kind, var digest])
            {
                all.Add(new StoredObject(tenant, kind, digest, metadata.Size, metadata.ModifiedAt ?? DateTimeOffset.UnixEpoch, revision));
            }
        }

        return all;
    }

    /// <summary>Removes an object that has not been asked for since it was listed; false when it has.</summary>
    public ValueTask<bool> TryRemoveAsync(StoredObject stored, CancellationToken cancellationToken) =>
        _packages.TryDeleteAsync(NameOf(stored.Tenant, stored.Kind, stored.Digest), stored.Revision, cancellationToken);

    /// <summary>Removes an object; no error when there is none.</summary>
    public ValueTask RemoveAsync(string tenant, string kind, string digest, CancellationToken cancellationToken) =>
        _packages.DeleteAsync(NameOf(tenant, kind, digest), cancellationToken);

    /// <summary>Keeps a payload that is too large for a message for as long as the longest topic class, and returns its reference.</summary>
    internal async ValueTask<string> PutPayloadAsync(string tenant, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var (metadata, _) = await _payloads.UploadAsync(payload, cancellationToken);
        await _payloads.CommitAsync(metadata with { Name = NameOf(tenant, PayloadKind, metadata.Nuid) }, cancellationToken);
        return metadata.Nuid;
    }

    /// <summary>A kept payload, or null when it is gone.</summary>
    internal async ValueTask<ReadOnlyMemory<byte>?> TryGetPayloadAsync(string tenant, string reference, CancellationToken cancellationToken)
    {
        if (await _payloads.GetInfoAsync(NameOf(tenant, PayloadKind, reference), cancellationToken) is not { } metadata)
        {
            return null;
        }

        var content = new MemoryStream(checked((int)metadata.Size));
        await _payloads.CopyToAsync(metadata, content, cancellationToken);
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    /// <summary>Removes a kept payload; no error when there is none.</summary>
    internal ValueTask RemovePayloadAsync(string tenant, string reference, CancellationToken cancellationToken) =>
        _payloads.DeleteAsync(NameOf(tenant, PayloadKind, reference), cancellationToken);

    /// <summary>Gives what was uploaded its name, or removes it where the name has its object.</summary>
    private async ValueTask KeepAsync((string Tenant, string Kind, string Digest) place, ObjectMetadata metadata, CancellationToken cancellationToken)
    {
        await (await TryTouchAsync(place.Tenant, place.Kind, place.Digest, cancellationToken)
            ? _packages.DiscardAsync(metadata, cancellationToken)
            : _packages.CommitAsync(metadata with { Name = NameOf(place.Tenant, place.Kind, place.Digest) }, cancellationToken));
    }

    /// <summary>An object's name; the tenant comes first.</summary>
    internal static string NameOf(string tenant, string kind, string digest) =>
        $"{NatsSubject.Token(tenant)}/{NatsSubject.Token(kind)}/{NatsSubject.Token(digest)}";
}
