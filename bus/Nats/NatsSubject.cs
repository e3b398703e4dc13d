using System.Buffers;

namespace ToolRuntime.Bus.Nats;

/// <summary>Checks subjects before they are written: a blank or a line end in one would be read as a command of its own.</summary>
internal static class NatsSubject
{
    /// <summary>Longest subject that we send, so that a control line stays below the server's 4 KiB.</summary>
    public const int MaximumLength = 1024;

    private static readonly SearchValues<char> _bad = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 33).Select(c => (char)c)) + (char)127);

    private static readonly SearchValues<char> _badInToken = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 33).Select(c => (char)c)) + (char)127 + ".*>");

    /// <summary>Throws unless <paramref name="subject"/> can be published to.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, has blanks, control characters, empty tokens or wildcards.</exception>
    public static void CheckPublish(string subject)
    {
        Check(subject);
        if (subject.AsSpan().IndexOfAny('*', '>') >= 0)
        {
            throw new ArgumentException($"subject '{Printable(subject)}' has a wildcard; a message needs a literal subject", nameof(subject));
        }
    }

    /// <summary>Throws unless <paramref name="subject"/> can be subscribed to.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, has blanks, control characters or empty tokens.</exception>
    public static void Check(string subject)
    {
        if (subject.Length is 0 or > MaximumLength)
        {
            throw new ArgumentException($"subject of {subject.Length} characters; 1 to {MaximumLength} are allowed", nameof(subject));
        }

        if (subject.AsSpan().IndexOfAny(_bad) >= 0)
        {
            throw new ArgumentException($"subject '{Printable(subject)}' has a blank or control character", nameof(subject));
        }

        if (subject[0] == '.' || subject[^1] == '.' || subject.Contains("..", StringComparison.Ordinal))
        {
            throw new ArgumentException($"subject '{subject}' has an empty token", nameof(subject));
        }
    }

    /// <summary>Returns <paramref name="token"/> where it can stand between two dots.</summary>
    /// <exception cref="ArgumentException">It is empty, or has dots, blanks, control characters or wildcards.</exception>
    public static string Token(string token)
    {
        if (token.Length is 0 or > 256 || token.AsSpan().IndexOfAny(_badInToken) >= 0)
        {
            throw new ArgumentException($"'{Printable(token)}' cannot be a part of a subject: 1 to 256 characters without dot, blank, * and >", nameof(token));
        }

        return token;
    }

    private static string Printable(string text) =>
        string.Concat(text.Take(64).Select(c => char.IsControl(c) ? '?' : c));
}
