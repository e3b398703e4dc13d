namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>One thing that a question speaks of.</summary>
/// <param name="Stem">Its stem, or stems with spaces between for a phrase.</param>
/// <param name="Alternatives">Phrases that may stand for it, itself first, each with its weight (at most 1).</param>
/// <param name="Weight">How much it matters, at most 1.</param>
/// <param name="IsVerb">Whether it says what to do rather than what with.</param>
internal sealed record Concept(string Stem, IReadOnlyList<(string Phrase, float Weight)> Alternatives, float Weight, bool IsVerb);
