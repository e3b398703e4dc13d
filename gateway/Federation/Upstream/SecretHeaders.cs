using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Headers whose values may end with a reference to a stored secret.</summary>
internal static class SecretHeaders
{
    /// <summary>What stands before a secret's name in a header's value.</summary>
    public const string Reference = "secret:";

    /// <summary>The headers with their secrets put in.</summary>
    /// <exception cref="FunctionFaultException">A secret is not stored.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Resolve(IReadOnlyDictionary<string, string> headers, Func<string, string> secret) =>
        [.. headers.Select(h => new KeyValuePair<string, string>(h.Key, NameIn(h.Value) is { } name ? h.Value[..^(Reference.Length + name.Length)] + secret(name) : h.Value))];

    /// <summary>The secret that a value ends with, or null.</summary>
    public static string? NameIn(string value)
    {
        var at = value.LastIndexOf(Reference, StringComparison.Ordinal);
        return at >= 0 && (at == 0 || value[at - 1] == ' ') && value.Length > at + Reference.Length ? value[(at + Reference.Length)..] : null;
    }
}
