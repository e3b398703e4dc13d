using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>What a running call says on its way, as MCP notifications. Progress only where the client gave a token, logs only from the level that it wants.</summary>
/// <param name="progressToken">Raw token; empty for none.</param>
/// <param name="leastLevel">Least severe level that is sent.</param>
public sealed class CallNotes(ReadOnlyMemory<byte> progressToken, Func<LogSeverity?> leastLevel)
{
    private const double Step = 1e-6;
    private double _progress;
    private bool _functionCounts;
    private bool _hasBegun;

    /// <summary>Whether anything could be sent at all: then the runtime is asked to emit it.</summary>
    public bool Wanted => !progressToken.IsEmpty || leastLevel() is not null;

    /// <summary>Writes the notification of an event; false when there is nothing to send.</summary>
    public bool TryWrite(ReplyBuffer buffer, TopicEvent item)
    {
        switch (item.Event.Kind)
        {
            case EventKind.Progress when !progressToken.IsEmpty:
                WriteProgress(buffer, item.Event.Data);
                return true;
            case EventKind.Output when !progressToken.IsEmpty:
                WriteOutput(buffer, item.Event.Data);
                return true;
            case EventKind.Log:
                return TryWriteLog(buffer, item.Event.Data);
            case EventKind.Notification:
                return TryWriteRaw(buffer, item.Event.Data);
            default:
                return false;
        }
    }

    private void WriteProgress(ReplyBuffer buffer, ReadOnlyMemory<byte> data)
    {
        _functionCounts = true;
        var progress = RawJson.Member(data, "progress"u8);
        var isNumber = System.Buffers.Text.Utf8Parser.TryParse(progress.Span, out double value, out _);
        if (isNumber && (value > _progress || !_hasBegun))
        {
            // What grows goes on as it was written.
            _progress = value;
            Begin(buffer).Raw(progress.Span);
        }
        else
        {
            // Not so a wait for a sandbox that is told again, or a function that counts back.
            _progress += Step;
            WriteCount(Begin(buffer));
        }

        _hasBegun = true;
        foreach (var (name, member) in RawJson.Members(data).Where(m => m.Key is not ("progressToken" or "progress") && !m.Value.Span.SequenceEqual("null"u8)))
        {
            buffer.Raw(","u8).Text(name).Raw(":"u8).Raw(member.Span);
        }

        buffer.Raw("}}"u8);
    }

    private void WriteOutput(ReplyBuffer buffer, ReadOnlyMemory<byte> data)
    {
        // Progress must grow with every notification: pieces count themselves, and slip between the function's own counts.
        _progress += _functionCounts ? Step : 1;
        _hasBegun = true;
        var (text, value) = (RawJson.Member(data, "text"u8), RawJson.Member(data, "value"u8));
        WriteCount(Begin(buffer));
        buffer.Raw(",\"message\":"u8);
        var message = text.IsEmpty ? value : text;
        if (!message.IsEmpty && message.Span[0] == (byte)'"')
        {
            buffer.Raw(message.Span);
        }
        else
        {
            buffer.Text(message.Span);
        }

        buffer.Raw("}}"u8);
    }

    private void WriteCount(ReplyBuffer buffer)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(_progress, buffer.GetSpan(32), out var written);
        buffer.Advance(written);
    }

    private ReplyBuffer Begin(ReplyBuffer buffer) => buffer
        .Raw("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"u8)
        .Raw(progressToken.Span)
        .Raw(",\"progress\":"u8);

    private bool TryWriteLog(ReplyBuffer buffer, ReadOnlyMemory<byte> data)
    {
        var level = LogSeverities.Parse(RawJson.Text(RawJson.Member(data, "level"u8)));
        if (leastLevel() is not { } least || level < least)
        {
            return false;
        }

        var (text, stream) = (RawJson.Member(data, "text"u8), RawJson.Member(data, "stream"u8));
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":"u8).Text(LogSeverities.Name(level));
        Optional(buffer, ",\"logger\":"u8, stream);
        buffer.Raw(",\"data\":"u8).Raw(text.IsEmpty ? "\"\""u8 : text.Span).Raw("}}"u8);
        return true;
    }

    private bool TryWriteRaw(ReplyBuffer buffer, ReadOnlyMemory<byte> data)
    {
        var (method, parameters) = (RawJson.Text(RawJson.Member(data, "method"u8)), RawJson.Member(data, "params"u8));
        if (method is null or "notifications/cancelled")
        {
            return false;
        }

        if (method == "notifications/progress" && progressToken.IsEmpty)
        {
            return false;
        }

        if (method == "notifications/message"
            && (leastLevel() is not { } least || LogSeverities.Parse(RawJson.Text(RawJson.Member(parameters, "level"u8))) < least))
        {
            return false;
        }

        buffer.Notification(method, parameters.IsEmpty ? "{}"u8 : parameters.Span);
        return true;
    }

    private static void Optional(ReplyBuffer buffer, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        if (!value.IsEmpty && !value.Span.SequenceEqual("null"u8))
        {
            buffer.Raw(name).Raw(value.Span);
        }
    }
}
