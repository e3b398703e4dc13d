using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Secrets;

/// <summary>One secret as it is stored.</summary>
/// <param name="Value">Its value.</param>
/// <param name="Facts">What is known of it where a caller made it; null where it was stored by <c>toolrt secrets set</c>.</param>
[JsonConverter(typeof(StoredSecretConverter))]
internal sealed record StoredSecret(string Value, SecretFacts? Facts = null)
{
    /// <summary>Never the value: a record's own text would print it.</summary>
    public override string ToString() => $"{nameof(StoredSecret)} {{ {Facts?.Id} }}";
}
