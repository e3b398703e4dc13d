using System.Text.RegularExpressions;

using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Control;

/// <summary>
/// Placeholders in the headers of <c>network.rules</c>. <c>Secret.fill</c> of the SDKs writes <c>${e2b.secrets.NAME}</c>, in whatever case the
/// caller wrote the name; rules of ours name the same secret as <c>${secret:name}</c>. The value stays where it is until a request goes out.
/// </summary>
internal static partial class SecretPlaceholders
{
    private const string Opening = "${e2b.";
    private const string Secrets = "secrets.";
    private const string Tokens = "identity.tokens.";

    /// <summary>The headers as rules of ours say them.</summary>
    /// <param name="host">Whose they are, for messages.</param>
    /// <param name="headers">As they were sent; null for none.</param>
    /// <exception cref="FunctionFaultException">InvalidArguments: a header has no value, or a placeholder of nothing. NotSupported: one stands for an identity token.</exception>
    public static Dictionary<string, string> Translate(string host, IReadOnlyDictionary<string, string>? headers)
    {
        var translated = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers ?? translated)
        {
            translated[name] = Translate($"network.rules: header '{name}' of '{host}'", value);
        }

        return translated;
    }

    private static string Translate(string where, string? value)
    {
        if (value is null)
        {
            throw Wrong(where, "has no value");
        }

        var translated = Placeholder().Replace(value, match => Reference(where, match.Groups["what"].Value));

        // Sent as it is, it would tell the server of a mistake that is the caller's.
        return translated.Contains(Opening, StringComparison.Ordinal) ? throw Wrong(where, $"has a {Opening} that begins no placeholder") : translated;
    }

    private static string Reference(string where, string what)
    {
        if (what.StartsWith(Tokens, StringComparison.Ordinal))
        {
            throw new FunctionFaultException(FaultCode.NotSupported, $"{where}: this instance issues no identity tokens", "store the credential with Secret.create and name it with Secret.fill");
        }

        if (!what.StartsWith(Secrets, StringComparison.Ordinal))
        {
            throw Wrong(where, $"has {Opening}{what}}}, which stands for nothing");
        }

        var name = what[Secrets.Length..].ToLowerInvariant();
        return Names.IsCallerSecret(name) ? $"${{secret:{name}}}" : throw Wrong(where, $"names the secret '{name}', and none can have that name");
    }

    private static FunctionFaultException Wrong(string where, string what) =>
        new(FaultCode.InvalidArguments, $"{where} {what}", "Secret.fill(name) writes the placeholder of a secret");

    [GeneratedRegex(@"\$\{e2b\.(?<what>[^{}]{0,256})\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
