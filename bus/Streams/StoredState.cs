using ToolRuntime.Bus.Sessions;

namespace ToolRuntime.Bus.Streams;

/// <summary>A stored message of a stream: the state that it carries, and its chunk.</summary>
public sealed record StoredState
{
    internal StoredState(TopicPlace place, ulong sequence, StreamState state, ReadOnlyMemory<byte> content)
    {
        Place = place;
        Sequence = sequence;
        State = state;
        Content = content;
    }

    /// <summary>What is known of the stream.</summary>
    public StreamState State { get; }

    /// <summary>Where the stream's end is.</summary>
    public StreamOffset Tail => new(State.Position, LastChunk);

    internal TopicPlace Place { get; }

    internal ulong Sequence { get; }

    /// <summary>The chunk, its reference, or nothing.</summary>
    internal ReadOnlyMemory<byte> Content { get; }

    /// <summary>Sequence of the last chunk up to and with this message.</summary>
    internal ulong LastChunk => State.Chunk != ChunkKind.None ? Sequence : State.Chain.Count > 0 ? State.Chain[0] : State.Fork?.Sequence ?? 0;

    /// <summary>Position of the newest chunk in <see cref="StreamState.Chain"/>.</summary>
    internal ulong Below => State.Chunk != ChunkKind.None ? State.Position - 1 : State.Position;
}
