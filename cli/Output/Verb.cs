using System.CommandLine;

namespace ToolRuntime.Cli.Output;

/// <summary>A command with examples: the list of commands shows its first sentence, its own help the examples as well.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
