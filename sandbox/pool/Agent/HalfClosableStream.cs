namespace ToolRuntime.Sandbox.Agent;

/// <summary>A duplex stream whose writing direction can be ended while the other goes on.</summary>
public abstract class HalfClosableStream : Stream
{
    /// <summary>Says that nothing more will be written.</summary>
    public abstract void Finish();
}
