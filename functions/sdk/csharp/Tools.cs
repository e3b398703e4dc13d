using System.Text.Json;

namespace ToolRuntime.Sdk;

/// <summary>The tools that the caller of this call may use; a call of one counts against this call's deadline and is cancelled with it.</summary>
public abstract class Tools
{
    /// <summary>Their MCP definitions.</summary>
    public abstract Task<IReadOnlyList<JsonElement>> ListAsync();

    /// <summary>Calls one and gives its value, or its content blocks where it has no value.</summary>
    /// <param name="name">The tool's name.</param>
    /// <param name="arguments">An object whose members are the arguments, such as <c>new { a = 1 }</c>, or null for none.</param>
    /// <exception cref="ToolException">The tool failed or may not be used.</exception>
    public abstract Task<JsonElement> CallAsync(string name, object? arguments = null);

    /// <summary>Calls one and reads its value as <typeparamref name="T"/>.</summary>
    /// <exception cref="ToolException">The tool failed or may not be used.</exception>
    /// <exception cref="JsonException">The value is no <typeparamref name="T"/>.</exception>
    public abstract Task<T> CallAsync<T>(string name, object? arguments = null);
}
