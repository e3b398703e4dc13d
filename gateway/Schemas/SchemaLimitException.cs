namespace ToolRuntime.Gateway.Schemas;

internal sealed class SchemaLimitException(string pointer, string message) : Exception(message)
{
    public string Pointer { get; } = pointer;
}
