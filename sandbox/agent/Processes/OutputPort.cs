using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>
/// What a process prints, as process frames, to every stream that is attached. The window of each slows the process; while none is attached,
/// the last 64 KiB are kept and the oldest go first, or nothing is kept.
/// </summary>
internal sealed unsafe class OutputPort(bool keeps)
{
    /// <summary>Room that must stand before the data given to <see cref="Deliver"/>.</summary>
    internal const int HeadRoom = YamuxHeader.Size + ProcessFrameHeader.Size;

    private const int MostKept = 64 * 1024;
    private const int LargestKept = 1024;
    private readonly Lock _gate = new();
    private Queue<(ProcessFrameType Type, byte[] Data)> _kept = new();
    private int _keptBytes;
    private volatile OutputReader[] _readers = [];
    private ChildExit? _exit;
    private long? _completedAt;

    /// <summary>Milliseconds since an arbitrary time, when the exit was told; null before.</summary>
    internal long? CompletedAt
    {
        get
        {
            lock (_gate)
            {
                return _completedAt;
            }
        }
    }

    /// <summary>Sends what was kept, then what comes, to <paramref name="stream"/> too. Never waits: what is kept fits a fresh stream's window.</summary>
    internal void Attach(AgentStream stream)
    {
        var reader = new OutputReader(stream);
        reader.First(() =>
        {
            Queue<(ProcessFrameType Type, byte[] Data)> kept;
            ChildExit? exit;
            lock (_gate)
            {
                (kept, _kept, _keptBytes, exit) = (_kept, new(), 0, _exit);
                _readers = [.. _readers, reader];
            }

            Replay(reader, kept);
            if (exit is { } end)
            {
                reader.SendExit(end);
            }
        });
    }

    /// <summary>Forgets a dead stream.</summary>
    internal void Detach(AgentStream stream)
    {
        lock (_gate)
        {
            _readers = [.. _readers.Where(reader => reader.Stream != stream)];
        }
    }

    /// <summary>Sends, keeps or drops <paramref name="length"/> bytes that stand behind <see cref="HeadRoom"/>.</summary>
    internal void Deliver(ProcessFrameType type, byte* frame, int length)
    {
        for (var sent = 0; sent < length;)
        {
            var readers = _readers;
            if (readers.Length == 0)
            {
                if (TryKeep(type, new ReadOnlySpan<byte>(frame + HeadRoom + sent, length - sent)))
                {
                    return;
                }

                continue;
            }

            var most = 0;
            foreach (var reader in readers)
            {
                var taken = reader.Send(type, frame + sent, length - sent);
                most = Math.Max(most, taken);
                if (taken < length - sent)
                {
                    Detach(reader.Stream);
                }
            }

            sent += most;
        }
    }

    /// <summary>The process has ended and all of its output was delivered.</summary>
    internal void Complete(ChildExit exit)
    {
        OutputReader[] readers;
        lock (_gate)
        {
            (_exit, readers) = (exit, _readers);
            _completedAt = Environment.TickCount64;
        }

        foreach (var reader in readers.Skip(1))
        {
            // A reader that has stopped taking must not keep the end from the others.
            AgentThread.Start("exit", () => reader.SendExit(exit));
        }

        if (readers.Length > 0)
        {
            readers[0].SendExit(exit);
        }
    }

    private void Replay(OutputReader reader, Queue<(ProcessFrameType Type, byte[] Data)> kept)
    {
        while (kept.TryDequeue(out var piece))
        {
            var sent = reader.Send(piece.Type, piece.Data);
            if (sent == piece.Data.Length)
            {
                continue;
            }

            // Dead already: the rest is for the next one.
            Detach(reader.Stream);
            foreach (var (type, data) in kept.Prepend((piece.Type, piece.Data[sent..])))
            {
                TryKeep(type, data);
            }

            return;
        }
    }

    /// <summary>False when a reader has come meanwhile.</summary>
    private bool TryKeep(ProcessFrameType type, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_readers.Length > 0)
            {
                return false;
            }

            if (!keeps)
            {
                return true;
            }

            // Cut small, so that the oldest go by little.
            for (; !data.IsEmpty; data = data[Math.Min(LargestKept, data.Length)..])
            {
                var piece = data[..Math.Min(LargestKept, data.Length)].ToArray();
                _kept.Enqueue((type, piece));
                _keptBytes += piece.Length + HeadRoom;
            }

            while (_keptBytes > MostKept)
            {
                _keptBytes -= _kept.Dequeue().Data.Length + HeadRoom;
            }

            return true;
        }
    }
}
