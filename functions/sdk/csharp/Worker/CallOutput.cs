using System.Text;

using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;

namespace ToolRuntime.Sdk.Worker;

/// <summary>
/// What one call prints and logs, as LOG frames of whole lines. A line waits at most 20 ms for others; after the call's allowance
/// comes one mark, and then nothing.
/// </summary>
internal sealed class CallOutput : IDisposable
{
    private const int FlushCharacters = 8 << 10;
    private const int FrameCharacters = 1 << 20;
    private const int LongestLine = 64 << 10;
    private const string Stdout = "stdout";
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(20);
    private readonly FrameChannel _channel;
    private readonly uint _call;
    private readonly long _allowance;
    private readonly Lock _lock = new();
    private readonly List<(string Stream, StringBuilder Text)> _pending = [];
    private long _left;
    private bool _over;
    private bool _waits;
    private bool _closed;
    private Timer? _timer;

    /// <summary>Sends at most <paramref name="allowance"/> bytes of text.</summary>
    public CallOutput(FrameChannel channel, uint call, long allowance)
    {
        _channel = channel;
        _call = call;
        _allowance = _left = allowance;
    }

    /// <summary>Takes printed text, in whole or part lines.</summary>
    public void Write(string stream, ReadOnlySpan<char> text)
    {
        lock (_lock)
        {
            if (_over || _closed)
            {
                return;
            }

            var kept = Charge(text);
            var buffer = Buffer(stream).Append(kept);
            if (_over)
            {
                FlushAll();
                Mark();
            }
            else if (buffer.Length >= FlushCharacters)
            {
                FlushLines();
            }
            else if (!_waits && kept.Contains('\n'))
            {
                Wait();
            }
        }
    }

    /// <summary>One log line of a level, at once and after what was printed before it.</summary>
    public void Log(string level, string text)
    {
        lock (_lock)
        {
            if (_over || _closed)
            {
                return;
            }

            FlushLines();
            Send("log", level, Charge(text));
            if (_over)
            {
                Mark();
            }
        }
    }

    /// <summary>Sends the whole lines so far, so that what comes next stands behind them.</summary>
    public void Flush()
    {
        if (_pending.Count > 0)
        {
            lock (_lock)
            {
                FlushLines();
            }
        }
    }

    /// <summary>Sends what is left, and takes nothing more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            FlushAll();
            _closed = true;
            _timer?.Dispose();
        }
    }

    private ReadOnlySpan<char> Charge(ReadOnlySpan<char> text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes <= _left)
        {
            _left -= bytes;
            return text;
        }

        _over = true;
        // No character has fewer bytes than one; the cut is rough where text is not ASCII.
        return text[..(int)Math.Min(text.Length, _left)];
    }

    private void Send(string stream, string level, ReadOnlySpan<char> text)
    {
        // JSON may make six characters of one, and a frame has its own limit.
        for (var at = 0; at < text.Length; at += FrameCharacters)
        {
            var piece = text.Slice(at, Math.Min(FrameCharacters, text.Length - at));
            var frame = FrameBuilder.Begin(WorkerFrameType.Log, _call);
            frame.Json.WriteStartObject();
            frame.Json.WriteString("stream"u8, stream);
            frame.Json.WriteString("level"u8, level);
            frame.Json.WriteString("text"u8, piece);
            frame.Json.WriteEndObject();
            _channel.Send(frame);
        }
    }

    private void Mark() => Send("log", "warning", $"[output truncated after {_allowance} bytes]");

    private StringBuilder Buffer(string stream)
    {
        var found = _pending.FindIndex(p => p.Stream == stream);
        if (found < 0)
        {
            _pending.Add((stream, new StringBuilder()));
            found = _pending.Count - 1;
        }

        return _pending[found].Text;
    }

    private void FlushLines()
    {
        foreach (var (stream, buffer) in _pending)
        {
            var text = buffer.ToString();
            var end = text.Length > LongestLine ? text.Length : text.LastIndexOf('\n') + 1;
            Emit(stream, buffer, text.AsSpan(0, end));
        }
    }

    private void FlushAll()
    {
        foreach (var (stream, buffer) in _pending)
        {
            Emit(stream, buffer, buffer.ToString());
        }
    }

    private void Emit(string stream, StringBuilder buffer, ReadOnlySpan<char> text)
    {
        if (text.Length > 0)
        {
            buffer.Remove(0, text.Length);
            Send(stream, stream == Stdout ? "info" : "error", text);
        }
    }

    private void Wait()
    {
        _waits = true;
        _timer ??= new Timer(static state => ((CallOutput)state!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(s_wait, Timeout.InfiniteTimeSpan);
    }

    private void Due()
    {
        lock (_lock)
        {
            _waits = false;
            if (!_closed)
            {
                FlushLines();
            }
        }
    }
}
