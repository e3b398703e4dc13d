namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>What became of input.</summary>
internal enum InputResult
{
    /// <summary>It was taken, or waits in order for the child to read.</summary>
    Taken,

    /// <summary>Standard input is closed.</summary>
    Closed,

    /// <summary>The child does not read, and as much as may wait does.</summary>
    Full,
}
