namespace ToolRuntime.Gateway.Schemas;

/// <summary>A schema that cannot be compiled.</summary>
public sealed class SchemaException(string pointer, string message)
    : Exception($"schema at {(pointer.Length == 0 ? "(root)" : pointer)}: {message}")
{
    /// <summary>JSON pointer into the schema.</summary>
    public string Pointer { get; } = pointer;
}
