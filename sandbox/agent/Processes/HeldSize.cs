using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>
/// The size that a terminal was given. A shell's line editor reads the size and writes it back before each prompt: one that was set between the two would be
/// lost. So it is looked at for a moment, and where the size before it has come back, set again.
/// </summary>
/// <param name="gate">Held by whoever uses the terminal.</param>
/// <param name="terminal">Its descriptor; below 0 when it is closed.</param>
internal sealed class HeldSize(object gate, Func<int> terminal)
{
    /// <summary>Milliseconds before each look.</summary>
    private static readonly int[] s_looks = [10, 30, 100, 300, 1000];
    private (ushort Rows, ushort Columns) _before;
    private AgentTerminal? _wanted;
    private int _looks = s_looks.Length;

    /// <summary>Sets it, the gate being held; whether somebody has to <see cref="Hold"/> it from here on.</summary>
    internal bool Set(AgentTerminal size)
    {
        var isHeld = _looks < s_looks.Length;
        (_before, _wanted, _looks) = (PipeEnds.SizeOf(terminal()), size, 0);
        PipeEnds.Resize(terminal(), size.Rows, size.Cols);
        return !isHeld;
    }

    /// <summary>Looks at it a few times; returns when it has stayed or was closed.</summary>
    internal void Hold()
    {
        lock (gate)
        {
            while (_looks < s_looks.Length && terminal() >= 0)
            {
                Wait(s_looks[_looks++]);
                if (terminal() >= 0 && _wanted is { } size && PipeEnds.SizeOf(terminal()) == _before && _before != (size.Rows, size.Cols))
                {
                    PipeEnds.Resize(terminal(), size.Rows, size.Cols);
                }
            }
        }
    }

    private void Wait(int milliseconds)
    {
        var end = Environment.TickCount64 + milliseconds;
        while (end - Environment.TickCount64 is var left and > 0 && terminal() >= 0)
        {
            Monitor.Wait(gate, TimeSpan.FromMilliseconds(left));
        }
    }
}
