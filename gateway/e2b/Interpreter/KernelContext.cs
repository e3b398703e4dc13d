namespace ToolRuntime.E2b.Interpreter;

/// <summary>A context that code runs in: one kernel, whose state lasts.</summary>
/// <param name="Id">Its id, <c>{language}.{rest}</c>.</param>
/// <param name="Language">Its language's name.</param>
/// <param name="Cwd">The folder that it began in.</param>
public sealed record KernelContext(string Id, string Language, string Cwd)
{
    /// <summary>What ids of a context's worker begin with.</summary>
    public const string Prefix = "ctx.";

    /// <summary>The context that a code sandbox has from its start.</summary>
    public const string Resident = "python.default";

    /// <summary>One that E2B's service has from its start too; here it starts when code first comes to it.</summary>
    public const string OnDemand = "javascript.default";

    /// <summary>The id of its worker in the sandbox.</summary>
    public string Worker => Prefix + Id;
}
