namespace ToolRuntime.Runtime;

/// <summary>What is missing of the sandboxes that deployed functions want to stand ready (<c>pool.warm</c>).</summary>
/// <param name="Pending">What is on its way, or null.</param>
/// <param name="Failed">What could not be made and is tried again from time to time, with the reason, or null.</param>
public sealed record Warmth(string? Pending, string? Failed);
