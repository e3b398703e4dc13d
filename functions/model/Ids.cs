using System.Buffers;
using System.Security.Cryptography;

namespace ToolRuntime.Functions;

/// <summary>Ids of sessions, sandboxes and invocations: 20 characters of <c>[a-z0-9]</c>, 103 random bits, no dash.</summary>
public static class Ids
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 20;
    private static readonly SearchValues<char> _alphabet = SearchValues.Create(Alphabet);

    /// <summary>A fresh random id.</summary>
    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>Whether <paramref name="id"/> could be an id of ours: <c>[a-z0-9]{20,64}</c>.</summary>
    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is >= Length and <= 64 && id.IndexOfAnyExcept(_alphabet) < 0;
}
