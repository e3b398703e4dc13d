using ToolRuntime.Kernels.CSharp;

const int InputDescriptor = 3;
const int OutputDescriptor = 4;

using var channel = FrameChannel.OverDescriptors(InputDescriptor, OutputDescriptor);
using var kernel = new Kernel(channel);
kernel.Run();

// Threads of user code must not keep the process.
Environment.Exit(0);
