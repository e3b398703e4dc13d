namespace ToolRuntime.OpenApi.Schemas.Patterns;

/// <summary>What must be known of a part of a pattern to tell whether matching it can take exponential time.</summary>
/// <param name="Chars">What it may consist of.</param>
/// <param name="Loops">What its unbounded repeats may consist of.</param>
/// <param name="HasLoop">Whether it has unbounded repeats.</param>
/// <param name="IsGuarded">Whether each repeat of it passes a character that its loops cannot take, so that there is one way only to split a text.</param>
/// <param name="IsOneChar">Whether it is exactly one character.</param>
/// <param name="IsRepeatable">Whether a quantifier may follow (none may after an assertion).</param>
internal readonly record struct Shape(CharSet Chars, CharSet Loops, bool HasLoop, bool IsGuarded, bool IsOneChar, bool IsRepeatable)
{
    public static Shape Assertion { get; } = new(CharSet.None, CharSet.None, false, false, false, false);

    public static Shape One(CharSet chars) => new(chars, CharSet.None, false, false, true, true);
}
