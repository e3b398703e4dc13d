using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Says where a secret is; never what it is.</summary>
/// <param name="Kind">Where it is kept.</param>
/// <param name="Name">Its name there: a variable, a path, or a name in the store.</param>
public sealed record SecretReference(SecretKind Kind, string Name)
{
    /// <summary>Reads <c>env:NAME</c>, <c>file:PATH</c> or <c>secret:NAME</c>.</summary>
    /// <exception cref="ApiFaultException">It is none of these. The text itself is not repeated: it may be a secret.</exception>
    public static SecretReference Parse(string text)
    {
        var colon = text.IndexOf(':');
        var (kind, name) = colon < 0 ? ("", "") : (text[..colon], text[(colon + 1)..]);
        return (kind, name.Length > 0) switch
        {
            ("env", true) => new(SecretKind.Environment, name),
            ("file", true) => new(SecretKind.File, name),
            ("secret", true) => new(SecretKind.Store, name),
            _ => throw new ApiFaultException(ApiFaultCode.NotConfigured, "a secret is given by where it is, not by what it is", "write env:NAME, file:PATH or secret:NAME"),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        SecretKind.Environment => $"env:{Name}",
        SecretKind.File => $"file:{Name}",
        _ => $"secret:{Name}",
    };
}
