namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Constants of yamux (the HashiCorp specification, version 0).</summary>
public static class Yamux
{
    /// <summary>Bytes that each end may send on a fresh stream before the first window update.</summary>
    public const uint InitialWindow = 256 * 1024;

    /// <summary>The same for streams that carry files and output of processes, bytes: given by a window update at their begin.</summary>
    public const uint WideWindow = 1024 * 1024;

    /// <summary>Most data that our ends put into one frame, bytes.</summary>
    public const int MaximumData = 64 * 1024;

    /// <summary>
    /// Bytes that the agent may send on a stream that it opened itself before the first window update: fewer than yamux has it, because the
    /// host must bear as many of them as a hostile sandbox opens.
    /// </summary>
    public const uint OpenedWindow = 64 * 1024;
}
