namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Types of the frames on a process stream; docs/PROTOCOL.md section 1.</summary>
public enum ProcessFrameType : byte
{
    /// <summary>Host: bytes for standard input.</summary>
    Input = 0,

    /// <summary>Host: standard input ends.</summary>
    InputEnd = 1,

    /// <summary>Host: send a signal (u32).</summary>
    Signal = 2,

    /// <summary>Host: the terminal's size (u16 rows, u16 columns).</summary>
    Resize = 3,

    /// <summary>Agent: bytes of standard output, or of the terminal.</summary>
    Output = 16,

    /// <summary>Agent: bytes of standard error.</summary>
    Error = 17,

    /// <summary>Agent: the last frame (i32 exit code, i32 signal).</summary>
    Exit = 18,
}
