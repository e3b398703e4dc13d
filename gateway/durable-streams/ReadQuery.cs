using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Streams;

/// <summary>What a reader asks for.</summary>
/// <param name="Offset">Where it begins; the start where it says <c>now</c>.</param>
/// <param name="IsNow">Whether it begins at the end.</param>
/// <param name="Live">How it waits.</param>
/// <param name="Cursor">The cursor that it brings, or null.</param>
internal sealed record ReadQuery(StreamOffset Offset, bool IsNow, LiveMode Live, string? Cursor)
{
    /// <summary>Reads a request's query.</summary>
    public static ReadQuery Of(HttpRequest request)
    {
        var offset = request.Query["offset"];
        var live = request.Query["live"].ToString() switch
        {
            "long-poll" => LiveMode.LongPoll,
            "sse" => LiveMode.Events,
            _ => LiveMode.None,
        };
        if (offset.Count > 1)
        {
            throw RequestHeaders.Malformed("offset is given more than once");
        }

        if (offset.Count == 0 && live != LiveMode.None)
        {
            throw RequestHeaders.Malformed("live needs an offset: -1 for the begin, now for the end, or a Stream-Next-Offset");
        }

        var text = offset.Count == 0 ? "-1" : offset.ToString();
        var place = StreamOffset.Start;
        if (text is not ("-1" or "now") && !StreamOffset.TryParse(text, out place))
        {
            throw RequestHeaders.Malformed("offset must be -1, now, or a Stream-Next-Offset that the stream has given");
        }

        return new ReadQuery(place, text == "now", live, request.Query["cursor"] is { Count: > 0 } cursor ? cursor.ToString() : null);
    }

    /// <summary>The place where it begins.</summary>
    public StreamOffset Position(StoredState stream) => IsNow ? stream.Tail : Offset;
}
