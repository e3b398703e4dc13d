using System.Text.Json;

namespace ToolRuntime.E2b.Envd;

/// <summary>Requests of <c>process.Process</c>; which members count depends on the method.</summary>
internal sealed record ProcessBody
{
    public ProcessTarget? Process { get; init; }

    public ProcessTerminal? Pty { get; init; }

    public string? Tag { get; init; }

    public bool? Stdin { get; init; }

    public ProcessInput? Input { get; init; }

    public JsonElement? Signal { get; init; }

    /// <summary>A process: what to start, or which one is meant.</summary>
    internal sealed record ProcessTarget
    {
        public string? Cmd { get; init; }

        public IReadOnlyList<string>? Args { get; init; }

        public IReadOnlyDictionary<string, string>? Envs { get; init; }

        public string? Cwd { get; init; }

        public int? Pid { get; init; }

        public string? Tag { get; init; }
    }

    /// <summary>A terminal.</summary>
    internal sealed record ProcessTerminal(ProcessSize? Size);

    /// <summary>A terminal's size.</summary>
    internal sealed record ProcessSize(ushort Cols, ushort Rows);

    /// <summary>What to write.</summary>
    internal sealed record ProcessInput(byte[]? Stdin, byte[]? Pty);
}
