using ToolRuntime.Sdk.Protocol;
using ToolRuntime.Sdk.Worker;

const int InputDescriptor = 3;
const int OutputDescriptor = 4;

using var channel = FrameChannel.OverDescriptors(InputDescriptor, OutputDescriptor);
CallWriter.Install();
await WarmUp.RunAsync();
var layer = args is [var folder] ? folder : ScriptLoader.AssemblyLayer;
new WorkerServer(channel, layer).Run();

// Threads of user code must not keep the process.
Environment.Exit(0);
