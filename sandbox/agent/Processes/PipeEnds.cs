using System.Text;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>The descriptors made for one start: the child's ends are closed here in any case, the agent's only when the start failed.</summary>
internal sealed unsafe class PipeEnds : IDisposable
{
    private const uint GetWindowSize = 0x5413;
    private const uint SetWindowSize = 0x5414;
    private readonly List<int> _child = [];
    private readonly List<int> _agent = [];

    public void Dispose()
    {
        CloseChildEnds();
        _agent.ForEach(descriptor => Libc.Close(descriptor));
    }

    /// <summary>The child has started: the agent's ends stay.</summary>
    internal void Keep() => _agent.Clear();

    /// <summary>The child has them: what it writes ends when it closes them.</summary>
    internal void CloseChildEnds()
    {
        _child.ForEach(descriptor => Libc.Close(descriptor));
        _child.Clear();
    }

    internal int Null() => ForChild(Descriptors.OpenNull());

    internal (int Agent, int Child) ToChild()
    {
        var (read, write) = Descriptors.Pipe();
        return (ForAgent(write), ForChild(read));
    }

    internal (int Agent, int Child) FromChild()
    {
        var (read, write) = Descriptors.Pipe();
        return (ForAgent(read), ForChild(write));
    }

    /// <summary>A terminal of that size; programs that open it by name must own it.</summary>
    internal (int Agent, int Child) Terminal(int user, AgentTerminal size)
    {
        const int Flags = Descriptors.ReadWrite | Descriptors.NoControllingTerminal | Descriptors.CloseOnExec;
        var agent = ForAgent(NativeError.Check(Libc.OpenTerminal(Flags), "posix_openpt"));
        NativeError.Check(Libc.GrantTerminal(agent), "grantpt");
        NativeError.Check(Libc.UnlockTerminal(agent), "unlockpt");
        var name = stackalloc byte[64];
        NativeError.Check(-Libc.TerminalName(agent, name, 64), "ptsname");
        var path = Encoding.UTF8.GetString(new ReadOnlySpan<byte>(name, new ReadOnlySpan<byte>(name, 64).IndexOf((byte)0)));
        var child = ForChild(NativeError.Check(Libc.Open(path, Flags, 0), $"open {path}"));
        Resize(agent, size.Rows, size.Cols);
        _ = Libc.ChangeOwner(child, user, -1);
        return (agent, child);
    }

    internal static void Resize(int terminal, ushort rows, ushort columns)
    {
        var size = stackalloc ushort[4] { rows, columns, 0, 0 };
        _ = Libc.Ioctl(terminal, (nuint)SetWindowSize, size);
    }

    internal static (ushort Rows, ushort Columns) SizeOf(int terminal)
    {
        var size = stackalloc ushort[4];
        _ = Libc.Ioctl(terminal, (nuint)GetWindowSize, size);
        return (size[0], size[1]);
    }

    private int ForChild(int descriptor)
    {
        _child.Add(descriptor);
        return descriptor;
    }

    private int ForAgent(int descriptor)
    {
        _agent.Add(descriptor);
        return descriptor;
    }
}
