using System.Text.RegularExpressions;

namespace ToolRuntime.Functions;

/// <summary>The forms that names must have, so that they can stand in subjects, keys, paths and MCP lists.</summary>
public static partial class Names
{
    /// <summary>A function's name: <c>[A-Za-z][A-Za-z0-9_-]{0,62}</c>.</summary>
    public static bool IsFunction(string name) => FunctionPattern().IsMatch(name);

    /// <summary>A tool's name: 1 to 128 of <c>A-Z a-z 0-9 _ - .</c> (MCP 2026-07-28).</summary>
    public static bool IsTool(string name) => ToolPattern().IsMatch(name);

    /// <summary>A tenant's name: <c>[a-z0-9][a-z0-9-]{0,62}</c>.</summary>
    public static bool IsTenant(string name) => TenantPattern().IsMatch(name);

    /// <summary>The name of a secret, which is a variable's: 1 to 128 of <c>A-Z a-z 0-9 _</c>, the first one no digit.</summary>
    public static bool IsSecret(string name) => SecretPattern().IsMatch(name);

    /// <summary>
    /// The name of a secret that callers make for headers on their way out (E2B's <c>Secret</c>): 1 to 128 of <c>a-z 0-9 _ - .</c>, the first one
    /// none of <c>- .</c>; not <c>sec_…</c>, as ids begin.
    /// </summary>
    public static bool IsCallerSecret(string name) => CallerSecretPattern().IsMatch(name);

    /// <summary>The name of a volume: <c>[A-Za-z0-9][A-Za-z0-9_-]{0,62}</c>.</summary>
    public static bool IsVolume(string name) => VolumePattern().IsMatch(name);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,62}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VolumePattern();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,127}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SecretPattern();

    [GeneratedRegex("^(?!sec_)[a-z0-9_][a-z0-9_.-]{0,127}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CallerSecretPattern();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,62}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FunctionPattern();

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,128}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ToolPattern();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TenantPattern();
}
