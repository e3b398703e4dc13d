namespace ToolRuntime.Gateway.Federation;

/// <summary>Which URIs a template (RFC 6570) could make, as far as routing needs it: its literal parts stand in the URI, in order.</summary>
public static class UriTemplates
{
    /// <summary>Whether <paramref name="uri"/> could come from <paramref name="template"/>. Linear in both.</summary>
    public static bool CouldBe(string template, string uri)
    {
        var at = 0;
        var rest = template.AsSpan();
        while (!rest.IsEmpty)
        {
            var open = rest.IndexOf('{');
            var literal = open < 0 ? rest : rest[..open];
            var found = uri.AsSpan(at).IndexOf(literal);
            if (found < 0 || (at == 0 && rest.Length == template.Length && found != 0))
            {
                return false;
            }

            at += found + literal.Length;
            var close = open < 0 ? -1 : rest.IndexOf('}');
            if (close < 0)
            {
                return uri.AsSpan().EndsWith(literal);
            }

            rest = rest[(close + 1)..];
        }

        return template.Length > 0;
    }
}
