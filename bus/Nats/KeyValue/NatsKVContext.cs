using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Nats.KeyValue;

/// <summary>Key-value buckets.</summary>
internal sealed class NatsKVContext(NatsJSContext js, TimeProvider time)
{
    /// <summary>Opens a bucket, making it where it is missing. One entry is kept per key.</summary>
    public async ValueTask<NatsKVStore> CreateOrUpdateStoreAsync(NatsKVConfig config, CancellationToken cancellationToken)
    {
        await js.CreateOrUpdateStreamAsync(
            new StreamConfig
            {
                Name = $"KV_{config.Bucket}",
                Subjects = [$"$KV.{config.Bucket}.>"],
                MaxBytes = config.MaxBytes,
                MaxMsgsPerSubject = 1,
                MaxAge = config.MaxAge.Ticks * 100,
                DuplicateWindow = config.MaxAge > TimeSpan.Zero && config.MaxAge < TimeSpan.FromMinutes(2) ? config.MaxAge.Ticks * 100 : 120_000_000_000,
                Discard = "new",
                DenyDelete = !config.AllowsRemoval,
                AllowRollup = true,
                AllowDirect = true,
                NumReplicas = config.NumberOfReplicas,
            },
            cancellationToken);
        return new NatsKVStore(js, config.Bucket, time);
    }
}
