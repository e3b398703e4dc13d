using System.Globalization;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Streams;

/// <summary>Serves <c>POST</c>: appends, or closes.</summary>
internal static class AppendHandler
{
    /// <summary>Serves one request.</summary>
    public static async Task HandleAsync(HttpContext context, IDurableStreams streams, StreamKey key)
    {
        var request = context.Request;
        var producer = RequestHeaders.Producer(request);
        var closes = RequestHeaders.Closes(request);
        var body = await BoundedBody.ReadAsync(request, streams.Options.LargestAppendBytes, context.RequestAborted);
        if (body.IsEmpty && !closes)
        {
            throw RequestHeaders.Malformed("the body is empty; only Stream-Closed: true goes without");
        }

        if (!body.IsEmpty && string.IsNullOrEmpty(request.ContentType))
        {
            throw RequestHeaders.Malformed("Content-Type is missing; it must be the stream's");
        }

        var result = await streams.AppendAsync(
            key,
            new AppendRequest
            {
                Data = Chunk(request, body),
                ContentType = request.ContentType,
                WriterSequence = RequestHeaders.Text(request, StreamHeaders.WriterSequence),
                Producer = producer,
                Closes = closes,
            },
            context.RequestAborted);
        await AnswerAsync(context, producer, result);
    }

    private static ReadOnlyMemory<byte> Chunk(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty || !JsonChunks.Is(request.ContentType!))
        {
            return body;
        }

        var chunk = JsonChunks.Flatten(body) ?? throw RequestHeaders.Malformed("the body is no JSON");
        return chunk.IsEmpty ? throw RequestHeaders.Malformed("the body is an empty array, which appends nothing") : chunk;
    }

    private static Task AnswerAsync(HttpContext context, ProducerMark? producer, AppendResult result)
    {
        var headers = context.Response.Headers;
        if (result.Stream is { State.IsDeleted: false } stream && result.Outcome is AppendOutcome.Appended or AppendOutcome.Duplicate or AppendOutcome.Closed)
        {
            StreamReply.Describe(context, stream);
        }

        switch (result.Outcome)
        {
            case AppendOutcome.Appended or AppendOutcome.Duplicate:
                var isNew = result.Outcome == AppendOutcome.Appended && producer is not null && !IsCloseOnly(context);
                context.Response.StatusCode = isNew ? StatusCodes.Status200OK : StatusCodes.Status204NoContent;
                if (producer is not null)
                {
                    headers[StreamHeaders.ProducerEpoch] = Text(producer.Epoch);
                    headers[StreamHeaders.ProducerSequence] = Text(result.Producer?.Sequence ?? producer.Sequence);
                }

                return Task.CompletedTask;
            case AppendOutcome.StaleEpoch:
                headers[StreamHeaders.ProducerEpoch] = Text(result.Producer!.Epoch);
                break;
            case AppendOutcome.SequenceGap:
                headers[StreamHeaders.ExpectedSequence] = Text(result.Producer is { } known ? known.Sequence + 1 : 0);
                headers[StreamHeaders.ReceivedSequence] = Text(producer!.Sequence);
                break;
        }

        var (status, title, detail) = Refusal(result);
        return StreamReply.ProblemAsync(context, status, title, detail);
    }

    private static (int Status, string Title, string Detail) Refusal(AppendResult result) => result.Outcome switch
    {
        AppendOutcome.NotFound => (StatusCodes.Status404NotFound, "No stream", "there is no such stream, or its time is over; make it with PUT"),
        AppendOutcome.Deleted => (StatusCodes.Status410Gone, "Stream is gone", "the stream was deleted and stands only for its forks"),
        AppendOutcome.Closed => (StatusCodes.Status409Conflict, "Stream is closed", "nothing can be appended to a closed stream"),
        AppendOutcome.WrongContentType => (StatusCodes.Status409Conflict, "Wrong content type", $"the stream's content type is {result.Stream?.State.ContentType}"),
        AppendOutcome.StaleEpoch => (StatusCodes.Status403Forbidden, "Stale epoch", "another instance of the producer has begun a later epoch"),
        AppendOutcome.EpochBeginsAboveZero => (StatusCodes.Status400BadRequest, "Wrong sequence", "a new Producer-Epoch begins with Producer-Seq 0"),
        AppendOutcome.SequenceGap => (StatusCodes.Status409Conflict, "Sequence gap", "a batch before this one is missing; Producer-Expected-Seq names it"),
        AppendOutcome.SequenceConflict => (StatusCodes.Status409Conflict, "Sequence conflict", "Stream-Seq must sort after the last one of the stream"),
        _ => (StatusCodes.Status413PayloadTooLarge, "Stream is full", "the stream has reached the size that toolruntime.streams allows; go on in another"),
    };

    private static bool IsCloseOnly(HttpContext context) => context.Request.ContentLength is null or 0;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
