using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Secrets;

/// <summary>What a secret that callers make may be. Faults name the member, and never hold a value.</summary>
internal static class SecretRules
{
    /// <summary>Most entries of one's metadata (these limits are of E2B's API, 2.51.0).</summary>
    public const int MostEntries = 32;

    /// <summary>Most bytes of one key of it.</summary>
    public const int MostKeyBytes = 128;

    /// <summary>Most bytes of one value of it.</summary>
    public const int MostEntryBytes = 1024;

    /// <summary>Most bytes of all keys and values of it together.</summary>
    public const int MostMetadataBytes = 8192;

    /// <summary>A name in the case in which it is stored.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments.</exception>
    public static string Name(string? given)
    {
        // Letters that are no ASCII must not become one: the sign for kelvin is a k in lower case.
        var name = given is not null && Ascii.IsValid(given) ? given.ToLowerInvariant() : "";
        return Names.IsCallerSecret(name)
            ? name
            : throw new FunctionFaultException(
                FaultCode.InvalidArguments,
                given is null or "" ? "name is missing" : $"name: no secret can be called '{Shown(given)}'",
                $"use 1 to 128 letters, digits, _ - and ., the first one neither - nor ., and not {SecretFacts.IdPrefix} at the beginning");
    }

    /// <summary>A value.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments.</exception>
    public static string Value(string? given)
    {
        if (string.IsNullOrEmpty(given))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "value is missing or empty");
        }

        return Encoding.UTF8.GetByteCount(given) <= SecretStore.MaximumValueBytes
            ? given
            : throw new FunctionFaultException(FaultCode.InvalidArguments, $"value: it is longer than {SecretStore.MaximumValueBytes} bytes");
    }

    /// <summary>Metadata; null where none was given.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments.</exception>
    public static Dictionary<string, string>? Metadata(IReadOnlyDictionary<string, string?>? given)
    {
        if (given is null)
        {
            return null;
        }

        if (given.Count > MostEntries)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"metadata: {given.Count} entries, at most {MostEntries}");
        }

        var (metadata, bytes) = (new Dictionary<string, string>(StringComparer.Ordinal), 0);
        foreach (var (key, value) in given)
        {
            metadata[key] = value ?? throw new FunctionFaultException(FaultCode.InvalidArguments, $"metadata: '{Shown(key)}' has no value");
            var (ofKey, ofValue) = (Encoding.UTF8.GetByteCount(key), Encoding.UTF8.GetByteCount(value));
            if (ofKey is 0 or > MostKeyBytes || ofValue > MostEntryBytes)
            {
                throw new FunctionFaultException(FaultCode.InvalidArguments, $"metadata: '{Shown(key)}': a key has 1 to {MostKeyBytes} bytes, a value at most {MostEntryBytes}");
            }

            bytes += ofKey + ofValue;
        }

        return bytes <= MostMetadataBytes
            ? metadata
            : throw new FunctionFaultException(FaultCode.InvalidArguments, $"metadata: {bytes} bytes in all, at most {MostMetadataBytes}");
    }

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
