namespace ToolRuntime.Sdk.Schemas;

/// <summary>A type that JSON arguments or results cannot be.</summary>
internal sealed class UntypableException(string what, string mend) : Exception($"{what}: {mend}")
{
    /// <summary>What cannot be.</summary>
    public string What { get; } = what;

    /// <summary>What to write instead.</summary>
    public string Mend { get; } = mend;
}
