namespace ToolRuntime.Bus.Streams;

/// <summary>What became of an append.</summary>
/// <param name="Outcome">Which of the outcomes.</param>
/// <param name="Stream">The stream after it, or null where there is none.</param>
/// <param name="Producer">The producer as the stream knows it, or null.</param>
public sealed record AppendResult(AppendOutcome Outcome, StoredState? Stream, ProducerMark? Producer);
