namespace ToolRuntime.OpenApi.Search;

/// <summary>A tool that was found.</summary>
/// <param name="Tool">Its number: where it stood among the tools that the index was built from.</param>
/// <param name="Score">How well it fits, above 0; only comparable within one answer.</param>
public readonly record struct SearchHit(int Tool, float Score);
