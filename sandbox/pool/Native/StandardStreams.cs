using Microsoft.Win32.SafeHandles;

namespace ToolRuntime.Sandbox.Native;

/// <summary>What a spawned process gets as its standard streams.</summary>
/// <param name="Input">Its descriptor 0.</param>
/// <param name="Output">Its descriptor 1.</param>
/// <param name="Error">Its descriptor 2.</param>
internal readonly record struct StandardStreams(SafeFileHandle Input, SafeFileHandle Output, SafeFileHandle Error);
