namespace ToolRuntime.Sdk;

/// <summary>The host answered <see cref="Tools"/> or an elicitation with a fault.</summary>
public sealed class ToolException : Exception
{
    /// <summary>One fault.</summary>
    public ToolException(string code, string message, string? hint = null)
        : base(message)
    {
        Code = code;
        Hint = hint;
    }

    /// <summary>Which of the closed set of faults, such as <c>ToolNotFound</c>.</summary>
    public string Code { get; }

    /// <summary>How to mend it, or null.</summary>
    public string? Hint { get; }
}
