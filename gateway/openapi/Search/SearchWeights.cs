namespace ToolRuntime.OpenApi.Search;

/// <summary>How much each sign counts in the ranking. The defaults were found on the questions that are for tuning, and by the recall of whole sets.</summary>
public sealed record SearchWeights
{
    /// <summary>The product's own.</summary>
    public static SearchWeights Default { get; } = new();

    /// <summary>Weight of a word by the field that it stands in, in the order of <see cref="Index.ToolField"/>.</summary>
    public IReadOnlyList<float> Fields { get; init; } = [6f, 3.7f, 1.25f, 2.35f, 0.35f, 0.5f, 0.55f, 0.3f, 0.85f, 0.35f, 2.5f, 1.3f, 0.08f];

    /// <summary>How much a field's length counts against its words, 0 to 1, in the same order (BM25's b).</summary>
    public IReadOnlyList<float> Lengths { get; init; } = [0.9f, 0.7f, 0.3f, 0.3f, 0.5f, 0.45f, 0.77f, 0.52f, 0.3f, 0.6f, 0.6f, 0.4f, 0.3f];

    /// <summary>How soon repetition stops to count (BM25's k1).</summary>
    public float Saturation { get; init; } = 0.98f;

    /// <summary>Weight of a word that stands for one of the question by the lexicon.</summary>
    public float Synonym { get; init; } = 0.42f;

    /// <summary>The same of one that means the same wherever it stands.</summary>
    public float Equal { get; init; } = 0.8f;

    /// <summary>The same where it stands for a whole phrase.</summary>
    public float Phrase { get; init; } = 0.8f;

    /// <summary>Weight of permission where a question speaks of what somebody may do.</summary>
    public float Allowed { get; init; } = 0.5f;

    /// <summary>The same where it asks who is.</summary>
    public float WhoIsAllowed { get; init; } = 0.8f;

    /// <summary>Weight of what somebody may or may not do, where a question asks whether.</summary>
    public float Hypothetical { get; init; } = 0.6f;

    /// <summary>Weight of the one who asks, where a question speaks of what is theirs.</summary>
    public float Own { get; init; } = 0.2f;

    /// <summary>Weight of the words of a phrase themselves where the lexicon knows what the phrase means.</summary>
    public float Literal { get; init; } = 0.15f;

    /// <summary>Weight of a tool's thing being spoken of, times how rare a thing it is.</summary>
    public float Thing { get; init; } = 0.285f;

    /// <summary>Weight of a word that stands next to one of the question in meaning.</summary>
    public float Neighbour { get; init; } = 0.28f;

    /// <summary>Least likeness (cosine) of such a neighbour.</summary>
    public float NeighbourFloor { get; init; } = 0.52f;

    /// <summary>Weight of the likeness in meaning of the whole question and the whole tool.</summary>
    public float Meaning { get; init; } = 5f;

    /// <summary>Share of the rarity of a word that is its own, and not its synonyms' together, 0 to 1.</summary>
    public float OwnRarity { get; init; } = 1f;

    /// <summary>How much the tools that use a word count, for its rarity, for what it says about them rather than all alike, 0 to 1.</summary>
    public float TellingRarity { get; init; } = 0.7f;

    /// <summary>What a tool gains that does what is asked, as a share of its score.</summary>
    public float Action { get; init; } = 0.23f;

    /// <summary>What a tool loses that does something else, as a share of its score.</summary>
    public float WrongAction { get; init; } = 0.2f;

    /// <summary>What a tool loses for each better one that does the same to the same kind of thing, as a share of its score.</summary>
    public float Repetition { get; init; } = 0.28f;

    /// <summary>How sure an action is that was guessed from how the words go on, 0 to 1.</summary>
    public float Guessed { get; init; } = 0.22f;

    /// <summary>How sure an action is that was read from the shape of a sentence, 0 to 1.</summary>
    public float Supposed { get; init; } = 0.7f;

    /// <summary>What a tool loses that is about one thing where many are asked for, or the other way round, as a share of its score.</summary>
    public float WrongNumber { get; init; } = 0.1f;

    /// <summary>What deleting all things of a kind loses where they are not all spoken of, as a share of the score.</summary>
    public float Sweep { get; init; } = 0.2f;

    /// <summary>How much the literal segment before the thing counts beside it when asking what is spoken of.</summary>
    public float ParentShare { get; init; } = 1f;

    /// <summary>What being an index of other tools costs (a path that ends with a slash), as a share of the score.</summary>
    public float Overview { get; init; } = 0.48f;

    /// <summary>What a tool loses whose thing the question does not speak of, as a share of its score.</summary>
    public float Unasked { get; init; } = 0.34f;

    /// <summary>Weight of a manner (permanently, gracefully).</summary>
    public float Manner { get; init; } = 0.7f;

    /// <summary>What every step that a tool's path is deeper than need be costs, as a share of its score.</summary>
    public float Depth { get; init; } = 0.14f;

    /// <summary>What being deprecated costs, as a share of the score.</summary>
    public float Deprecated { get; init; } = 0.115f;

    /// <summary>What being on trial costs (alpha or beta in the path), as a share of the score.</summary>
    public float OnTrial { get; init; } = 0.09f;
}
