using System.Text;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>
/// A bash that was started ahead of its call: it waits in a read of its descriptor 3, and runs what comes there. Its
/// standard input is a file in memory, 5 and 6 are for <c>ctx</c>.
/// </summary>
internal sealed unsafe class ShellProcess : Child, IDisposable
{
    private const uint MemoryFileCloseOnExec = 1;
    private const string Wait = ". /proc/self/fd/3";
    private readonly int _argumentsFile = NativeError.Check(Libc.MemoryFile("arguments", MemoryFileCloseOnExec), "memfd_create");
    private int _script;
    private int _output;
    private int _error;
    private int _context;

    internal override bool EndsGroup => true;

    internal int Output => _output;

    internal int Error => _error;

    internal int Context => _context;

    /// <summary>Answers to <c>ctx call</c>.</summary>
    internal InputPipe? Replies { get; private set; }

    internal static ShellProcess Start(Reaper reaper)
    {
        var shell = new ShellProcess();
        using var ends = new PipeEnds();
        var (output, error, script, context, replies) = (ends.FromChild(), ends.FromChild(), ends.ToChild(), ends.FromChild(), ends.ToChild());
        var environment = new SandboxEnvironment().With(null);
        reaper.Start(shell, new SpawnPlan
        {
            Arguments = ["bash", "--noprofile", "--norc", "-c", Wait],
            Environment = environment,
            Descriptors = [shell._argumentsFile, output.Child, error.Child, script.Child, -1, context.Child, replies.Child],
        });
        ends.Keep();
        (shell._output, shell._error, shell._script, shell._context) = (output.Agent, error.Agent, script.Agent, context.Agent);
        shell.Replies = new InputPipe(shell, replies.Agent, shared: false);
        return shell;
    }

    /// <summary>Gives it its call.</summary>
    internal void Run(string script, ReadOnlySpan<byte> arguments)
    {
        fixed (byte* start = arguments)
        {
            _ = Libc.WriteAt(_argumentsFile, start, arguments.Length, 0);
        }

        var bytes = Encoding.UTF8.GetBytes(script);
        fixed (byte* start = bytes)
        {
            _ = Descriptors.Write(_script, start, bytes.Length);
        }

        Descriptors.Close(ref _script);
    }

    internal void Signal(int signal)
    {
        if (!HasEnded)
        {
            _ = Libc.Kill(-Pid, signal);
        }
    }

    public void Dispose()
    {
        _ = Libc.Close(_argumentsFile);
        Descriptors.Close(ref _script);
        Descriptors.Close(ref _output);
        Descriptors.Close(ref _error);
        Descriptors.Close(ref _context);
        Replies?.Close();
        ReturnExitEvent();
    }
}
