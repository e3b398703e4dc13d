namespace ToolRuntime.Bus.Streams;

/// <summary>What became of a stream that was to be made.</summary>
/// <param name="Outcome">Which of the outcomes.</param>
/// <param name="Stream">The stream that stands, or null.</param>
public sealed record CreateResult(CreateOutcome Outcome, StoredState? Stream);
