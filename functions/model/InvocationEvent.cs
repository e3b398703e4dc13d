namespace ToolRuntime.Functions;

/// <summary>One event of a call on its session's topic.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Data">UTF-8 of one JSON object, of the shape that the kind names.</param>
public readonly record struct InvocationEvent(EventKind Kind, ReadOnlyMemory<byte> Data)
{
    /// <summary>Whether nothing comes after it.</summary>
    public bool IsTerminal => Kind is EventKind.Completed or EventKind.Failed or EventKind.Gone;
}
