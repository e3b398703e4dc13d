namespace ToolRuntime.Functions;

/// <summary>One version's share of a name's calls.</summary>
/// <param name="Digest">The version.</param>
/// <param name="Weight">Its share, 1 to 100; the weights of a name add up to 100.</param>
public sealed record WeightedVersion(string Digest, int Weight);
