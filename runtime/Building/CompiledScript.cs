using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;

namespace ToolRuntime.Runtime.Building;

/// <summary>What a worker compiled at inspection: fetched out of the sandbox, so that calls load it without a compiler.</summary>
internal sealed class CompiledScript
{
    /// <summary>Where the worker leaves it.</summary>
    public const string GuestFolder = "/tmp/script";

    private const long MaximumBytes = 64 << 20;
    private static readonly string[] s_csharp = ["script.dll", "script.pdb", "script.json"];
    private static readonly string[] s_typeScript = ["modules.json"];
    private readonly string _folder;
    private readonly string[] _names;

    private CompiledScript(string folder, string[] names) => (_folder, _names) = (folder, names);

    /// <summary>What comes of a language, or null where nothing is compiled.</summary>
    /// <param name="language">The function's language.</param>
    /// <param name="folder">Where it is kept on the host.</param>
    public static CompiledScript? Of(FunctionLanguage language, string folder) => language switch
    {
        FunctionLanguage.CSharp => new CompiledScript(folder, s_csharp),
        FunctionLanguage.TypeScript => new CompiledScript(folder, s_typeScript),
        _ => null,
    };

    /// <summary>Fetches it. The bytes are the guest's: they are stored, and only ever loaded in a sandbox.</summary>
    /// <exception cref="InvalidDataException">A file is larger than 64 MiB.</exception>
    public async Task FetchAsync(AgentClient agent, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        foreach (var name in _names)
        {
            var content = await agent.ReadFileAsync($"{GuestFolder}/{name}", MaximumBytes, cancellationToken);
            await File.WriteAllBytesAsync(Path.Combine(_folder, name), content, cancellationToken);
        }
    }
}
