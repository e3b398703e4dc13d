namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Why a request is refused, as the status line of HTTP says it: of a refused CONNECT most programs show that line and nothing else.</summary>
public static class ReasonPhrase
{
    private const int Longest = 200;

    /// <summary>The reason without what has no place in a line, cut after 200 characters.</summary>
    public static string Of(string reason)
    {
        Span<char> kept = stackalloc char[Longest];
        var length = 0;
        foreach (var c in reason)
        {
            if (c is >= ' ' and < (char)127 && length < Longest)
            {
                kept[length++] = c;
            }
        }

        return kept[..length].ToString();
    }
}
