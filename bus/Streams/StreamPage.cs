namespace ToolRuntime.Bus.Streams;

/// <summary>Chunks that follow a place.</summary>
/// <param name="Stream">The stream as it stood when they were read.</param>
/// <param name="Chunks">They, in order.</param>
/// <param name="End">The place behind them.</param>
/// <param name="IsGone">Whether something that was asked for is no longer kept; then there are no chunks.</param>
public sealed record StreamPage(StoredState Stream, IReadOnlyList<StreamChunk> Chunks, StreamOffset End, bool IsGone)
{
    /// <summary>Whether nothing follows at present.</summary>
    public bool IsUpToDate => End.Position >= Stream.State.Position;

    /// <summary>Whether nothing will ever follow.</summary>
    public bool IsEnd => IsUpToDate && Stream.State.IsClosed;
}
