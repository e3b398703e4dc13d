using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Bus.State;

namespace ToolRuntime.Bus.Sessions;

/// <summary>What running calls keep for their next attempt: bucket KEPT.</summary>
public sealed class CallKeeps
{
    private readonly NatsKVStore _store;
    private readonly ObjectStore _objects;
    private readonly TimeProvider _time;

    internal CallKeeps(NatsKVStore store, ObjectStore objects, TimeProvider time) => (_store, _objects, _time) = (store, objects, time);

    /// <summary>What a call keeps, for its attempt of this number.</summary>
    public CallKeep Open(TopicKey key, int attempt) => new(_store, _objects, key, attempt, _time);
}
