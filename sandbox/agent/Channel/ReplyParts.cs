using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>A list that is replied in parts, since one message would be too small for a long one.</summary>
internal sealed class ReplyParts<T>(AgentStream stream, Func<IReadOnlyList<T>, AgentReply> reply)
{
    /// <summary>Most of one part, bytes of JSON: under the largest message, with room for the reply around it.</summary>
    internal const int PartLength = 768 * 1024;

    private List<T> _part = [];
    private int _length;

    internal int Count { get; private set; }

    /// <summary>Adds an item of at most <paramref name="length"/> bytes.</summary>
    internal void Add(T item, int length)
    {
        if (_length + length > PartLength && _part.Count > 0)
        {
            stream.Reply(reply(_part) with { More = true });
            (_part, _length) = ([], 0);
        }

        _part.Add(item);
        _length += length;
        Count++;
    }

    /// <summary>Sends the last part and ends the stream.</summary>
    internal void End(bool truncated)
    {
        stream.Reply(reply(_part) with { Truncated = truncated });
        stream.Finish();
    }
}
