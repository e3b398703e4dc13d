using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;

namespace ToolRuntime.Sdk.Scripts;

/// <summary>A compiled script whose top level has run. Nothing here knows the compiler.</summary>
/// <param name="Type">The class that holds the script's members.</param>
/// <param name="Object">Its one instance.</param>
internal sealed record ScriptInstance(Type Type, object Object)
{
    /// <summary>Name of the class that the compiler makes of a script.</summary>
    public const string ClassName = "Script";

    private const string Factory = "<Factory>";

    /// <summary>Loads the assembly and runs the script's top level.</summary>
    /// <exception cref="BadImageFormatException">It is no assembly.</exception>
    /// <exception cref="InvalidDataException">It is no script's assembly.</exception>
    public static async Task<ScriptInstance> StartAsync(Stream assembly, Stream? symbols)
    {
        var type = AssemblyLoadContext.Default.LoadFromStream(assembly, symbols).GetType(ClassName)
            ?? throw new InvalidDataException($"the assembly has no class {ClassName}");
        var factory = type.GetMethod(Factory, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            ?? throw new InvalidDataException($"{ClassName} has no {Factory}");

        // A script's class takes the chain of submissions: the host's globals (none), then itself.
        var chain = new object?[2];
        try
        {
            await (Task)factory.Invoke(null, [chain])!;
        }
        catch (TargetInvocationException error) when (error.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Capture(inner).Throw();
        }

        return new ScriptInstance(type, chain[1] ?? throw new InvalidDataException("the script made no instance"));
    }
}
