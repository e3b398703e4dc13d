using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Watching;

/// <summary>Wakes a watch when its stream ends: the host has closed its direction, or the stream is dead.</summary>
internal sealed unsafe class WatchInput : IStreamHandler, IDisposable
{
    private readonly Lock _gate = new();
    private int _ended = NativeError.Check(Libc.EventFd(0, Descriptors.CloseOnExec), "eventfd");

    /// <summary>Becomes readable, and stays so, when the stream has ended.</summary>
    internal int Ended => _ended;

    public void OnData(AgentStream stream, ReadOnlySpan<byte> data) => stream.Credit(data.Length);

    public void OnFinish(AgentStream stream) => End();

    public void OnDead(AgentStream stream) => End();

    public void Dispose()
    {
        lock (_gate)
        {
            Descriptors.Close(ref _ended);
        }
    }

    private void End()
    {
        lock (_gate)
        {
            var one = 1UL;
            _ = Libc.Write(_ended, (byte*)&one, sizeof(ulong));
        }
    }
}
