using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Archives;
using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Egress;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Agent.Services;
using ToolRuntime.Sandbox.Agent.Shell;

const int Kill = 9;
const int Terminate = 15;
const int BrokenPipe = 13;
const int Continue = 18;
const int Ignore = 1;

// A peer that is gone is an error of the write, not the end of the agent.
Libc.SetSignal(BrokenPipe, Ignore);
return args switch
{
    [] => RunAgent(),
    ["worker", "shell"] => RunShellWorker(),
    ["ctx", _, .. var words] => ContextCommand.Run(words),
    _ => Usage(),
};

static int RunAgent()
{
    ArchiveOperations.Begin();
    var reaper = new Reaper();
    reaper.Start();
    var table = new ProcessTable(reaper);
    var environment = new SandboxEnvironment();
    var launcher = new Launcher(table, environment);
    var egress = new EgressProxy();
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
    {
        context.Cancel = true;
        table.SignalAll(Terminate);
    });

    // gVisor hands on to its first process what lets its own go on, and .NET's runtime would answer: the agent would run each time that a resting sandbox is looked in on.
    Libc.SetSignal(Continue, Ignore);
    var channel = new ChannelLoop(0, 1, loop => new StreamRequest(new Operations(table, launcher, environment, egress, loop)));
    channel.Run();
    table.SignalAll(Kill);
    return 0;
}

static int RunShellWorker()
{
    var reaper = new Reaper();
    reaper.Start();
    return new ShellWorker(reaper).Run();
}

static int Usage()
{
    Console.Error.WriteLine("usage: agent                 the sandbox's agent, its channel on standard input and output");
    Console.Error.WriteLine("       agent worker shell    the resident worker for bash, its control pipe on descriptors 3 and 4");
    Console.Error.WriteLine("       agent ctx FILE ...    the program ctx of a shell tool: functions/sdk/shell/ctx, FILE, runs it");
    return 2;
}
