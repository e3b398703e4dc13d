using ToolRuntime.OpenApi.Bodies;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>Bounds of what a model is shown of an answer.</summary>
public sealed record ResponseOptions
{
    /// <summary>Most bytes of text or JSON that are shown; the rest is kept behind a handle.</summary>
    public int MaxShownBytes { get; init; } = 256 * 1024;

    /// <summary>Most tokens that are shown, at 4 bytes each; 0 for no such bound.</summary>
    public int MaxShownTokens { get; init; }

    /// <summary>Most bytes of an error's body that are shown.</summary>
    public int MaxErrorBytes { get; init; } = 16 * 1024;

    /// <summary>Largest image, sound or file that is put into the result; larger ones are linked.</summary>
    public int MaxInlineBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>Bounds of reading.</summary>
    public BodyLimits Body { get; init; } = new();

    /// <summary>The smaller of the two bounds on what is shown, in bytes.</summary>
    public int ShownBytes => MaxShownTokens > 0 ? (int)Math.Min(MaxShownBytes, 4L * MaxShownTokens) : MaxShownBytes;
}
