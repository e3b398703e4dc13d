using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Templates;

/// <summary>Names of templates, <c>name</c> or <c>name:tag</c>.</summary>
internal static class TemplateName
{
    private const int Longest = 128;

    /// <summary>Name and tag.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: it cannot be one.</exception>
    public static (string Name, string? Tag) Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, tag) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        if (!IsWord(name))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"'{name}' cannot be a template's name", $"1 to {Longest} letters, digits, '.', '-' and '_'");
        }

        if (tag is not null)
        {
            CheckTag(tag);
        }

        return (name, tag);
    }

    /// <summary>Refuses what cannot be a tag.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments.</exception>
    public static void CheckTag(string tag)
    {
        if (!IsWord(tag))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"'{tag}' cannot be a tag", $"1 to {Longest} letters, digits, '.', '-' and '_'");
        }
    }

    private static bool IsWord(string text) => text.Length is > 0 and <= Longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
