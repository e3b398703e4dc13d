using System.Reflection;
using System.Runtime.CompilerServices;

using ToolRuntime.Sdk.Compilation;
using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Worker;

/// <summary>
/// Loads a script: the compiled one of the assemblies layer where there is one, so that the compiler is never touched; else it is
/// compiled here.
/// </summary>
internal static class ScriptLoader
{
    /// <summary>Where the runtime mounts a function's assemblies.</summary>
    public const string AssemblyLayer = "/layers/assemblies";

    /// <summary>Loads.</summary>
    /// <exception cref="ScriptFault">It cannot be loaded.</exception>
    public static async Task<LoadedScript> LoadAsync(LoadRequest request, string layer)
    {
        foreach (var (name, value) in request.Environment)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        if (!request.Inspect && Artifact.Find(layer, request.Entry) is { } facts)
        {
            AssemblyFolders.Probe([layer, .. facts.References.Select(f => Path.GetFullPath(f, request.Root))]);
            using var assembly = File.OpenRead(Path.Combine(layer, Artifact.AssemblyName));
            using var symbols = File.OpenRead(Path.Combine(layer, Artifact.SymbolsName));
            return Ready(request, await StartAsync(request, assembly, symbols), method => facts.Methods.Contains(method.MetadataToken));
        }

        return await CompileAsync(request, layer);
    }

    // Apart from the path above, so that running that one does not load the compiler.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<LoadedScript> CompileAsync(LoadRequest request, string layer)
    {
        var compiled = ScriptCompiler.Compile(request.Root, request.Entry, layer);
        AssemblyFolders.Probe([layer, .. compiled.References.Select(f => Path.GetFullPath(f, request.Root))]);
        using var assembly = new MemoryStream(compiled.Assembly);
        using var symbols = new MemoryStream(compiled.Symbols);
        var instance = await StartAsync(request, assembly, symbols);
        if (!request.Inspect)
        {
            return Ready(request, instance, compiled.Documentation.IsPublic);
        }

        var inspector = new ToolInspector(request.Entry, compiled.Documentation);
        var tools = inspector.Read(instance.Type);
        if (request.Output is { } output)
        {
            Artifact.Write(output, request.Entry, compiled, instance.Type, tools);
        }

        return Ready(request, instance, compiled.Documentation.IsPublic) with { Definitions = tools, Warnings = inspector.Warnings };
    }

    private static async Task<ScriptInstance> StartAsync(LoadRequest request, Stream assembly, Stream symbols)
    {
        try
        {
            return await ScriptInstance.StartAsync(assembly, symbols);
        }
        catch (Exception error)
        {
            // The rim of the user's code: whatever the script's top level throws is why it cannot be loaded.
            var (line, detail) = Faults.Trace(error, request.Root, request.Entry);
            throw new ScriptFault($"{request.Entry}: its top level threw {Faults.Describe(error)}", detail, line);
        }
    }

    private static LoadedScript Ready(LoadRequest request, ScriptInstance instance, Func<MethodInfo, bool> isPublic)
    {
        try
        {
            var tools = ToolMethods.Of(instance.Type, isPublic).ToDictionary(m => m.Name, m => new ScriptTool(m.Name, m.Method, instance.Object), StringComparer.Ordinal);
            return new LoadedScript(request, tools, Definitions: null, Warnings: []);
        }
        catch (Exception error) when (error is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new ScriptFault($"{request.Entry}: {error.Message}");
        }
    }
}
