using System.Collections.Concurrent;
using System.ComponentModel;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>What a cell has declared with <c>using</c>, as a program does outside of any block: it is disposed of when the cell ends, the last first.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Uses
{
    private static readonly ConcurrentStack<object> s_declared = new();

    /// <summary>Remembers one.</summary>
    public static void Add(object? value)
    {
        if (value is not null)
        {
            s_declared.Push(value);
        }
    }

    /// <summary>The cell ends.</summary>
    internal static void End()
    {
        while (s_declared.TryPop(out var value))
        {
            if (value is IDisposable disposable)
            {
                disposable.Dispose();
            }
            else if (value is IAsyncDisposable later)
            {
                later.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
    }
}
