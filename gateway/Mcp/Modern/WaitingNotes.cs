using System.Threading.Channels;

using ToolRuntime.Gateway.Federation;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>Notes that a subscription has not sent yet. Equal ones melt into one, so there are never more than there are things to hear of.</summary>
internal sealed class WaitingNotes
{
    private readonly Lock _gate = new();
    private readonly List<ServerNote> _notes = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Adds a note, unless an equal one waits already.</summary>
    public void Add(ServerNote note)
    {
        lock (_gate)
        {
            if (_notes.Any(n => n.Method == note.Method && n.Parameters.Span.SequenceEqual(note.Parameters.Span)))
            {
                return;
            }

            _notes.Add(note);
        }

        _signal.Writer.TryWrite(true);
    }

    /// <summary>Waits for notes and takes all that are there.</summary>
    public async ValueTask<IReadOnlyList<ServerNote>> TakeAsync(CancellationToken cancellationToken)
    {
        await _signal.Reader.ReadAsync(cancellationToken);
        lock (_gate)
        {
            ServerNote[] notes = [.. _notes];
            _notes.Clear();
            return notes;
        }
    }
}
