using System.CommandLine;

using ToolRuntime.Cli.Apis;
using ToolRuntime.Cli.Bus;
using ToolRuntime.Cli.Calls;
using ToolRuntime.Cli.Doctor;
using ToolRuntime.Cli.Functions;
using ToolRuntime.Cli.Images;
using ToolRuntime.Cli.Init;
using ToolRuntime.Cli.Keeping;
using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Jobs;
using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Sandboxes;
using ToolRuntime.Cli.Sessions;
using ToolRuntime.Cli.Sources;
using ToolRuntime.Cli.Stdio;
using ToolRuntime.Cli.Streams;
using ToolRuntime.Cli.Up;
using ToolRuntime.Cli.Volumes;

var root = new RootCommand("""
    ToolRuntime: functions, MCP servers and sandboxes as tools for AI agents.

    Start here:
      toolrt up                                 start everything on this machine
      toolrt deploy functions/samples/add.py    make a function a tool
      toolrt call add '{"a":1,"b":2}'           call it

    Every command except 'up', 'init', 'image' and 'doctor' is one HTTP call to a running instance: the one of --data, or any
    other by --server and --key-file. Exit codes: 0 done, 1 the tool answered with an error, 2 wrong usage, 3 the
    machine lacks something, 5 no instance reached, 6 refused.
    """);

HelpWithExamples.AddTo(root);
InstanceArguments.AddTo(root);
UpCommand.AddTo(root);
DownCommand.AddTo(root);
StatusCommand.AddTo(root);
StdioCommand.AddTo(root);
DeployCommand.AddTo(root);
RollbackCommand.AddTo(root);
RemoveCommand.AddTo(root);
ToolsCommand.AddTo(root);
CallCommand.AddTo(root);
LogsCommand.AddTo(root);
JobCommands.AddTo(root);
SessionCommands.AddTo(root);
BusCommands.AddTo(root);
OpenApiCommand.AddTo(root);
ConvertCommand.AddTo(root);
SecretsCommand.AddTo(root);
StateCommand.AddTo(root);
MailboxCommand.AddTo(root);
SandboxCommands.AddTo(root);
StreamCommands.AddTo(root);
VolumeCommands.AddTo(root);
ImageCommands.AddTo(root);
SourceCommands.AddTo(root);
SetCommands.AddTo(root);
AgentCommands.AddTo(root);
InitCommand.AddTo(root);
DoctorCommand.AddTo(root);
CompletionCommand.AddTo(root);

// The library's own 2 s would cut off an instance whose calls are still finishing, and leave its sandboxes, mounts and message server behind.
var longestEnd = TimeSpan.FromMinutes(5);
var parsed = root.Parse(args);
var ended = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = longestEnd }).GuardAsync();

// The library's own code for words that it cannot read is 1, which here says that a tool failed.
return parsed.Errors.Count > 0 && ended == ExitCodes.ToolError ? ExitCodes.Usage : ended;
