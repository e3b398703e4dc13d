using ToolRuntime.Functions;
using ToolRuntime.Runtime.Calls;

namespace ToolRuntime.Runtime.Building;

/// <summary>One build: whose, where on disk, and who hears of its steps.</summary>
internal sealed record BuildContext(string Tenant, BuildRequest Request, string Folder, CallEvents Events)
{
    /// <summary>The unpacked package.</summary>
    public string Code => Path.Combine(Folder, "code");

    /// <summary>What is compiled at deploy: assemblies of a C# script, its packages' and its own, or the stripped modules of TypeScript.</summary>
    public string Assemblies => Path.Combine(Folder, "assemblies");

    /// <summary>Things to know for the one who deploys.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Folders outside of <see cref="Folder"/> that end with the build.</summary>
    public List<string> Temporary { get; } = [];

    /// <summary>A path for a layer's tar while it is made.</summary>
    public string Scratch(LayerKind kind) => Path.Combine(Folder, $"{kind}.tar");

    /// <summary>Tells one step, as an output event.</summary>
    public ValueTask StepAsync(string text) => Events.SayAsync(text);
}
