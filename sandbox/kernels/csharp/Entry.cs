using System.ComponentModel;
using System.Reflection;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>Calls a program's Main, which may be private and of any of the kinds that C# knows.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Entry
{
    /// <summary>What it is called.</summary>
    internal const string Name = "Main";

    /// <summary>Runs the Main of <paramref name="program"/> to its end, without arguments.</summary>
    public static async Task RunAsync(Type program)
    {
        ArgumentNullException.ThrowIfNull(program);
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        var main = program.GetMethods(Any).First(method => method.Name == Name && method.GetParameters().Length <= 1);
        object[] arguments = main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()];
        if (main.Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null) is Task task)
        {
            await task;
        }
    }
}
