using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>One end of a copy.</summary>
/// <param name="Sandbox">The sandbox, or null for this machine.</param>
/// <param name="Path">The path there; <c>-</c> on this machine is standard input or output.</param>
internal readonly record struct CopyPlace(string? Sandbox, string Path)
{
    /// <summary>Whether it is standard input or output.</summary>
    public bool IsPipe => Sandbox is null && Path == "-";

    /// <summary>Whether it names a folder by its form.</summary>
    public bool IsFolderByName => Path.EndsWith('/') || Path is "." or ".." || Path.EndsWith("/.", StringComparison.Ordinal) || Path.EndsWith("/..", StringComparison.Ordinal);

    /// <summary>Whether the content of a folder is meant, and not the folder.</summary>
    public bool IsContent => Path == "." || Path.EndsWith("/.", StringComparison.Ordinal);

    /// <summary>The last part of its path.</summary>
    public string Name => System.IO.Path.GetFileName(Path.TrimEnd('/'));

    /// <summary>Reads <c>ID:PATH</c>, or <c>NAME:PATH</c> of a volume, or a path of this machine.</summary>
    public static CopyPlace Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && text[..colon].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? new CopyPlace(text[..colon], text[(colon + 1)..] is { Length: > 0 } path ? path : ".")
            : new CopyPlace(null, text.Length > 0 ? text : throw new CommandFailedException(ExitCodes.Usage, "a path is empty"));
    }
}
