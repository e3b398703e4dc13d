namespace ToolRuntime.Gateway.Secrets;

/// <summary>Body of <c>POST /secrets</c> and of <c>POST /secrets/{id}</c>.</summary>
/// <param name="Name">Name of a new one.</param>
/// <param name="Value">The value.</param>
/// <param name="Metadata">What its maker writes about it; null leaves what there is.</param>
internal sealed record SecretBody(string? Name = null, string? Value = null, IReadOnlyDictionary<string, string?>? Metadata = null)
{
    /// <summary>Never the value: a record's own text would print it.</summary>
    public override string ToString() => nameof(SecretBody);
}
