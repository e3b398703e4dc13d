namespace ToolRuntime.E2b.Templates;

/// <summary>One step of a build.</summary>
/// <param name="Type"><c>RUN</c> (command, user), <c>COPY</c> (source, target, user, mode), <c>ENV</c> (name, value, and so on), <c>WORKDIR</c> (folder) or <c>USER</c> (name).</param>
/// <param name="Args">Its arguments.</param>
/// <param name="FilesHash">The files of a <c>COPY</c>, as they were uploaded.</param>
internal sealed record BuildStep(string Type, IReadOnlyList<string>? Args, string? FilesHash)
{
    /// <summary>What stands for it in messages: of a <c>RUN</c> the command alone.</summary>
    public string Shown => Type.Equals("RUN", StringComparison.OrdinalIgnoreCase) ? Argument(0) ?? "" : string.Join(' ', Args ?? []);

    /// <summary>An argument that must be there.</summary>
    public string Required(int at) => Argument(at) ?? throw new TemplateFailedException($"{Type} needs {at + 1} arguments");

    /// <summary>An argument, or null where it is missing or empty.</summary>
    public string? Argument(int at) => Args is { } all && all.Count > at && all[at].Length > 0 ? all[at] : null;
}
