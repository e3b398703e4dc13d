namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>For operations that take nothing after the request.</summary>
internal sealed class IgnoredInput : IStreamHandler
{
    internal static IgnoredInput Instance { get; } = new();

    public void OnData(AgentStream stream, ReadOnlySpan<byte> data) => stream.Credit(data.Length);

    public void OnFinish(AgentStream stream)
    {
    }

    public void OnDead(AgentStream stream)
    {
    }
}
