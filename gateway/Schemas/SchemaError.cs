namespace ToolRuntime.Gateway.Schemas;

/// <summary>One way in which a value does not fit.</summary>
/// <param name="Pointer">JSON pointer to the part that does not fit; empty for the whole value.</param>
/// <param name="Message">What is expected there.</param>
public sealed record SchemaError(string Pointer, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Pointer.Length == 0 ? "(root)" : Pointer)}: {Message}";
}
