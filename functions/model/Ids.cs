using System.Buffers;
using System.Security.Cryptography;

namespace ToolRuntime.Functions;

/// <summary>Ids of sessions, sandboxes and invocations: 20 characters of <c>[a-z0-9]</c>, 103 random bits, no dash.</summary>
public static class Ids
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 20;

    // Bytes from here on would make the first characters likelier than the last.
    private const int Fair = 256 - (256 % 36);
    private static readonly SearchValues<char> _alphabet = SearchValues.Create(Alphabet);

    [ThreadStatic]
    private static Draws? t_draws;

    /// <summary>A fresh random id.</summary>
    public static string New() => string.Create(Length, t_draws ??= new(), static (id, draws) =>
    {
        for (var i = 0; i < id.Length; i++)
        {
            id[i] = Alphabet[draws.Next() % Alphabet.Length];
        }
    });

    /// <summary>Whether <paramref name="id"/> could be an id of ours: <c>[a-z0-9]{20,64}</c>.</summary>
    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is >= Length and <= 64 && id.IndexOfAnyExcept(_alphabet) < 0;

    /// <summary>Bytes of the system's generator, drawn many at a time: a draw costs a microsecond and two locks, however small it is.</summary>
    private sealed class Draws
    {
        private readonly byte[] _bytes = new byte[1024];
        private int _left;

        public byte Next()
        {
            byte drawn;
            do
            {
                if (_left == 0)
                {
                    RandomNumberGenerator.Fill(_bytes);
                    _left = _bytes.Length;
                }

                drawn = _bytes[--_left];
            }
            while (drawn >= Fair);
            return drawn;
        }
    }
}
