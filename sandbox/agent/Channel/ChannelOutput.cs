using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>The sending half of the channel. Threads write their own frames; a frame is never torn, and none goes out while suspended.</summary>
internal sealed unsafe class ChannelOutput(int descriptor)
{
    private readonly Lock _gate = new();
    private bool _open;

    /// <summary>Sends WELCOME and opens for frames.</summary>
    internal void Open(Welcome welcome)
    {
        var bytes = stackalloc byte[Welcome.Length];
        welcome.Write(new Span<byte>(bytes, Welcome.Length));
        lock (_gate)
        {
            _ = Descriptors.Write(descriptor, bytes, Welcome.Length);
            _open = true;
        }
    }

    /// <summary>Sends GO AWAY and the mark of a suspended agent, behind every frame that was sent.</summary>
    internal void Suspend()
    {
        var mark = ChannelHandshake.Suspended;
        var bytes = stackalloc byte[YamuxHeader.Size + mark.Length];
        new YamuxHeader(YamuxType.GoAway, YamuxFlags.None, 0, 0).Write(new Span<byte>(bytes, YamuxHeader.Size));
        mark.CopyTo(new Span<byte>(bytes + YamuxHeader.Size, mark.Length));
        lock (_gate)
        {
            _open = false;
            _ = Descriptors.Write(descriptor, bytes, YamuxHeader.Size + mark.Length);
        }
    }

    /// <summary>Sends one whole frame; false while suspended.</summary>
    internal bool Send(byte* frame, int length)
    {
        lock (_gate)
        {
            return _open && Descriptors.Write(descriptor, frame, length) == length;
        }
    }

    /// <summary>Sends a frame that is only a header.</summary>
    internal bool Send(YamuxHeader header)
    {
        var bytes = stackalloc byte[YamuxHeader.Size];
        header.Write(new Span<byte>(bytes, YamuxHeader.Size));
        return Send(bytes, YamuxHeader.Size);
    }
}
