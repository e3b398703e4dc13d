namespace ToolRuntime.Kernels.CSharp;

/// <summary>Frames between host and kernel; docs/PROTOCOL.md section 3.</summary>
internal enum KernelFrame : byte
{
    /// <summary>Host: run a cell.</summary>
    Execute = 2,

    /// <summary>Host: exit.</summary>
    Shutdown = 5,

    /// <summary>Host: the sandbox was restored from a checkpoint.</summary>
    Restored = 6,

    /// <summary>Kernel: may be used.</summary>
    Ready = 16,

    /// <summary>Kernel: the cell has ended.</summary>
    Done = 19,

    /// <summary>Kernel: something that a cell shows.</summary>
    Event = 21,
}
