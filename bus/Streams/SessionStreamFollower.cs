using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Streams;

/// <summary>One reader of a session's topic: its events as values of JSON, <c>{"sequence","event","invocation"?,"data"?}</c>.</summary>
internal sealed class SessionStreamFollower(SessionStreams streams, StreamKey key, Func<ulong, CancellationToken, ValueTask<SessionFollower>> follow, TimeProvider time) : IStreamFollower
{
    private readonly List<StreamChunk> _chunks = [];
    private SessionFollower? _follower;
    private ulong _end;
    private bool _isGone;

    /// <summary>Never gives null: a session that nobody has used has an empty topic.</summary>
    public async ValueTask<StreamPage?> NextAsync(StreamOffset from, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_follower is null || _end != from.Position)
        {
            await DisposeAsync();
            (_end, _follower) = (from.Position, await follow(from.Position, cancellationToken));
        }

        _chunks.Clear();
        return await CollectAsync(_follower, cancellationToken)
            ? await WaitAsync(_follower, patience, cancellationToken)
            : Page(isUpToDate: false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _follower is { } follower ? follower.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Takes what is stored, up to a page; false where more is.</summary>
    private async ValueTask<bool> CollectAsync(SessionFollower follower, CancellationToken cancellationToken)
    {
        for (var bytes = 0L; !follower.IsCaughtUp; bytes += _chunks.Count > 0 ? _chunks[^1].Data.Length : 0)
        {
            if (bytes >= streams.Options.PageBytes)
            {
                return false;
            }

            if (await follower.NextAsync(cancellationToken) is { } item)
            {
                Take(item);
            }
        }

        return true;
    }

    private async ValueTask<StreamPage> WaitAsync(SessionFollower follower, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_chunks.Count > 0 || patience == TimeSpan.Zero)
        {
            return Page(isUpToDate: true);
        }

        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            if (await follower.NextAsync(either.Token) is { } item)
            {
                Take(item);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Nothing came: the page is empty.
        }

        return Page(isUpToDate: true);
    }

    private void Take(TopicEvent item)
    {
        _isGone |= item is { Event.Kind: EventKind.Gone, Invocation: "" };
        _end = Math.Max(_end, item.Sequence);
        _chunks.Add(new StreamChunk(new StreamOffset(_end, _end), Json(item)));
    }

    /// <summary>What is not up to date says so by a stream that reaches further.</summary>
    private StreamPage Page(bool isUpToDate) =>
        new(streams.At(key, isUpToDate ? _end : _end + 1), _isGone ? [] : [.. _chunks], new StreamOffset(_end, _end), _isGone);

    private static byte[] Json(TopicEvent item)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("sequence"u8, item.Sequence);
            writer.WriteString("event"u8, EventNames.Of(item.Event.Kind));
            if (item.Event.Kind != EventKind.Message)
            {
                writer.WriteString("invocation"u8, item.Invocation);
            }

            if (!item.Event.Data.IsEmpty)
            {
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(item.Event.Data.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
