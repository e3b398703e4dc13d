using System.ComponentModel;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>What the checks in a cell's code ask: whether the cell was interrupted. .NET breaks no thread off from outside (docs/decisions/0021).</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Interrupts
{
    private static readonly AsyncLocal<CellRun?> s_current = new();
    private static CellRun? s_interrupted;

    /// <summary>Whether the caller belongs to a cell, also to one that has ended.</summary>
    internal static bool IsOfCell => s_current.Value is not null;

    /// <summary>Throws where the cell that the caller belongs to was interrupted, on whatever thread it runs.</summary>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public static void Check()
    {
        // Read in every round of every loop: one comparison until an interrupt comes.
        if (s_interrupted is not null)
        {
            CheckFlow();
        }
    }

    /// <summary>What runs from here on, and what it begins, belongs to <paramref name="run"/>.</summary>
    internal static void Begin(CellRun run)
    {
        Volatile.Write(ref s_interrupted, null);
        s_current.Value = run;
    }

    /// <summary>Interrupts what belongs to <paramref name="run"/>.</summary>
    internal static void Interrupt(CellRun run) => Volatile.Write(ref s_interrupted, run);

    private static void CheckFlow()
    {
        if (Volatile.Read(ref s_interrupted) is { } interrupted && s_current.Value == interrupted)
        {
            throw new OperationCanceledException("interrupted", interrupted.Token);
        }
    }
}
