namespace ToolRuntime.Sdk;

/// <summary>Says of a script's method what its signature cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolAttribute : Attribute
{
    /// <summary>Keeps the method's own name.</summary>
    public ToolAttribute()
    {
    }

    /// <summary>Gives the tool a name of its own: 1 to 128 letters, digits, <c>_</c>, <c>-</c> or <c>.</c>.</summary>
    public ToolAttribute(string name) => Name = name;

    /// <summary>The tool's name, or null for the method's.</summary>
    public string? Name { get; }

    /// <summary>A title for people, or null.</summary>
    public string? Title { get; init; }

    /// <summary>MCP annotation: the tool changes nothing.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>MCP annotation: the tool may delete or overwrite.</summary>
    public bool Destructive { get; init; }

    /// <summary>MCP annotation: calling it twice is as calling it once.</summary>
    public bool Idempotent { get; init; }
}
