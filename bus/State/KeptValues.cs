using System.Text;

namespace ToolRuntime.Bus.State;

/// <summary>Values that stand in their message up to 64 KiB, and beyond that as objects which the message names: on another stream and connection, so that they slow no small one.</summary>
internal sealed class KeptValues(ObjectStore objects)
{
    private const int LargestInMessage = 64 * 1024;
    private const byte Inline = (byte)':';
    private const byte Reference = (byte)'@';

    /// <summary>What the message holds of a value.</summary>
    public async ValueTask<byte[]> StoreAsync(string tenant, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => value.Length <= LargestInMessage
        ? [Inline, .. value.Span]
        : [Reference, .. Encoding.UTF8.GetBytes(await objects.PutPayloadAsync(tenant, value, cancellationToken))];

    /// <summary>The value that a message holds, or null where its object is gone.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string tenant, ReadOnlyMemory<byte> stored, CancellationToken cancellationToken) => ReferenceIn(stored) is not { } reference
        ? stored[1..]
        : await objects.TryGetPayloadAsync(tenant, reference, cancellationToken);

    /// <summary>Removes the object that a message names; nothing where it names none.</summary>
    public ValueTask DiscardAsync(string tenant, ReadOnlyMemory<byte> stored, CancellationToken cancellationToken) => ReferenceIn(stored) is { } reference
        ? objects.RemovePayloadAsync(tenant, reference, cancellationToken)
        : ValueTask.CompletedTask;

    /// <summary>Whether a message names an object.</summary>
    public static bool IsElsewhere(ReadOnlyMemory<byte> stored) => stored.Length > 0 && stored.Span[0] == Reference;

    private static string? ReferenceIn(ReadOnlyMemory<byte> stored) => IsElsewhere(stored) ? Encoding.UTF8.GetString(stored.Span[1..]) : null;
}
