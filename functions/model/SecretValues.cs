namespace ToolRuntime.Functions;

/// <summary>The answer to a <see cref="SecretRequest"/>.</summary>
/// <param name="Values">Every name that was asked for and its value.</param>
public sealed record SecretValues(IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Never the values: a record's own text would print them.</summary>
    public override string ToString() => $"{nameof(SecretValues)} {{ {Values.Count} values }}";
}
