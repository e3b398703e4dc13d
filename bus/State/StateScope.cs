using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>Whose memory is meant: a session's, or where there is no session the tenant's, which all of its sessions share.</summary>
/// <param name="Tenant">The tenant; it comes from who calls, never from what is said.</param>
/// <param name="Session">The session, or null.</param>
public readonly record struct StateScope(string Tenant, string? Session = null)
{
    private const int LongestKey = 200;

    /// <summary>Filter of all its keys, in the bucket.</summary>
    internal string Filter => $"{Prefix}>";

    private string Prefix => Session is null ? $"{Tenant}.t." : $"{Tenant}.s.{Session}.";

    /// <summary>Where a key lies in the bucket.</summary>
    /// <exception cref="FunctionFaultException">It cannot be a key.</exception>
    internal string PlaceOf(string key)
    {
        var fits = key.Length is > 0 and <= LongestKey && key[0] != '.' && key[^1] != '.' && !key.Contains("..", StringComparison.Ordinal)
            && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or '=');
        return fits
            ? Prefix + key
            : throw new FunctionFaultException(FaultCode.InvalidArguments, $"'{(key.Length <= LongestKey ? key : key[..LongestKey] + "…")}' cannot be a key", $"1 to {LongestKey} of A-Z a-z 0-9 . _ - / =, no dot at an end and no two together");
    }

    /// <summary>The key that lies at a place.</summary>
    internal string KeyAt(string place) => place[Prefix.Length..];
}
