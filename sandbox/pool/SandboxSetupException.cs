namespace ToolRuntime.Sandbox;

/// <summary>The machine cannot run sandboxes as it is: says what is wrong and how to mend it.</summary>
public sealed class SandboxSetupException : Exception
{
    /// <summary>Wraps what is wrong and how to mend it.</summary>
    public SandboxSetupException(string problem, string hint, Exception? innerException = null)
        : base($"{problem}; {hint}", innerException)
    {
        Problem = problem;
        Hint = hint;
    }

    /// <summary>What is wrong, with the failed tool's last output where there is one.</summary>
    public string Problem { get; }

    /// <summary>How to mend it.</summary>
    public string Hint { get; }
}
