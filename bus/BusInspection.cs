using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus;

/// <summary>One stream as the server has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Messages">Messages in it.</param>
/// <param name="Bytes">Bytes of them.</param>
/// <param name="MaximumBytes">Its limit.</param>
/// <param name="Consumers">Consumers of it.</param>
/// <param name="Replicas">Copies of it.</param>
/// <param name="Leader">The server that leads it in a cluster, or null.</param>
public sealed record BusStream(string Name, long Messages, long Bytes, long MaximumBytes, int Consumers, int Replicas, string? Leader);

/// <summary>Looks at the message server, for those who run it.</summary>
public sealed class BusInspection
{
    private readonly NatsJSContext _js;
    private readonly int _partitions;

    internal BusInspection(NatsJSContext js, int partitions) => (_js, _partitions) = (js, partitions);

    /// <summary>The server's version.</summary>
    public string ServerVersion => _js.Connection.ServerInfo.Version;

    /// <summary>What a server of that version can, by name; false where this product does without.</summary>
    public IReadOnlyList<(string Name, bool Has)> Features
    {
        get
        {
            var features = NatsFeatures.Of(ServerVersion);
            return
            [
                ("filterSubjects", features.HasFilterSubjects), ("syncAlways", features.HasSyncAlways), ("batchGet", features.HasBatchGet), ("messageTtl", features.HasMessageTtl),
                ("schedules", features.HasSchedules), ("atomicBatch", features.HasAtomicBatch), ("fastBatch", features.HasFastBatch),
            ];
        }
    }

    /// <summary>Place in the queue's stream of the last call that a consumer gave to a runtime; 0 where there is none.</summary>
    internal async ValueTask<ulong> GivenAsync(string consumer, CancellationToken cancellationToken)
    {
        try
        {
            return (await _js.GetConsumerAsync(Queue.InvocationQueue.Stream, consumer, cancellationToken)).Delivered?.StreamSequence ?? 0;
        }
        catch (NatsJSApiException)
        {
            return 0;
        }
    }

    /// <summary>The product's streams and buckets that stand.</summary>
    public async ValueTask<IReadOnlyList<BusStream>> StreamsAsync(CancellationToken cancellationToken)
    {
        var streams = new List<BusStream>();
        foreach (var name in BusStreams.Names(_partitions))
        {
            if (await _js.TryGetStreamAsync(name, cancellationToken) is { } info)
            {
                streams.Add(new BusStream(name, info.State.Messages, info.State.Bytes, info.Config?.MaxBytes ?? 0, info.State.Consumers, info.Config?.NumReplicas ?? 1, info.Cluster?.Leader));
            }
        }

        return streams;
    }
}
