using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>Ends the reading of one operation; never leaves this folder.</summary>
internal sealed class RefusedException(string code, string pointer, string message, string hint) : Exception(message)
{
    public ApiRefusal Refusal { get; } = new(code, pointer, message, hint);
}
