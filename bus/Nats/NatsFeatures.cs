using System.Globalization;

namespace ToolRuntime.Bus.Nats;

/// <summary>
/// What a server of some version can. An older one takes unknown fields and headers without a word and does nothing about them, so what it cannot must
/// not be asked of it; and what it says that it made is compared with what was asked for.
/// </summary>
/// <param name="Version">Major and minor version.</param>
internal sealed record NatsFeatures(Version Version)
{
    /// <summary>The oldest that has all that this product needs: republish, direct get, discard-new per subject, named consumers.</summary>
    public static Version Oldest { get; } = new(2, 9);

    /// <summary>Several filters of one consumer, subject transforms, compression, metadata, auth callout, sync always (2.10).</summary>
    public bool HasFilterSubjects => Version >= new Version(2, 10);

    /// <summary>Sync before each acknowledgement (2.10).</summary>
    public bool HasSyncAlways => Version >= new Version(2, 10);

    /// <summary>Several messages by one direct get (2.11).</summary>
    public bool HasBatchGet => Version >= new Version(2, 11);

    /// <summary>Lifetimes of single messages and keys (2.11).</summary>
    public bool HasMessageTtl => Version >= new Version(2, 11);

    /// <summary>Messages that are sent later (2.12).</summary>
    public bool HasSchedules => Version >= new Version(2, 12);

    /// <summary>Several messages stored as one (2.12).</summary>
    public bool HasAtomicBatch => Version >= new Version(2, 12);

    /// <summary>Batches that are acknowledged as they go (2.14).</summary>
    public bool HasFastBatch => Version >= new Version(2, 14);

    /// <summary>By what INFO says: <c>2.9.10</c>, <c>2.12.0-preview.1</c>.</summary>
    public static NatsFeatures Of(string version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var parts = version.Split('.', '-', '+');
        var (major, minor) = (Number(parts, 0), Number(parts, 1));
        return new NatsFeatures(new Version(major, minor));
    }

    private static int Number(string[] parts, int index) =>
        parts.Length > index && int.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
