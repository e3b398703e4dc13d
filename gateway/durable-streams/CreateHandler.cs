using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Streams;
using ToolRuntime.Functions;

namespace ToolRuntime.Streams;

/// <summary>Serves <c>PUT</c>: makes a stream, or a fork of one.</summary>
internal sealed class CreateHandler(DurableStreams streams)
{
    private const string DefaultType = "application/octet-stream";

    /// <summary>Serves one request.</summary>
    public async Task HandleAsync(HttpContext context, Caller caller, StreamKey key)
    {
        var request = context.Request;
        var (ttl, expires) = RequestHeaders.Life(request);
        var fork = await ForkAsync(request, caller, context.RequestAborted);
        var type = RequestHeaders.ContentType(request) ?? fork?.Source.State.ContentType ?? DefaultType;
        if (fork is not null && StreamRules.MediaType(type) != StreamRules.MediaType(fork.Source.State.ContentType))
        {
            throw new StreamException(StatusCodes.Status409Conflict, "Wrong content type", $"a fork has the content type of its source, {fork.Source.State.ContentType}");
        }

        var inherits = ttl is null && expires is null;
        var result = await streams.CreateAsync(
            key,
            new StreamRequest
            {
                ContentType = type,
                TtlSeconds = inherits ? fork?.Source.State.TtlSeconds : ttl,
                ExpiresAt = inherits ? fork?.Source.State.ExpiresAt : expires,
                Data = await BodyAsync(request, type, context.RequestAborted),
                IsClosed = RequestHeaders.Closes(request),
                Fork = fork?.Origin,
                NamesForkPlace = fork?.IsNamed ?? false,
                ForkPart = fork?.Part ?? default,
            },
            context.RequestAborted);
        Answer(context, key, result);
    }

    private static void Answer(HttpContext context, StreamKey key, CreateResult result)
    {
        if (result.Outcome is not (CreateOutcome.Created or CreateOutcome.Exists))
        {
            throw Refusal(key, result.Outcome);
        }

        context.Response.StatusCode = result.Outcome == CreateOutcome.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        if (result.Outcome == CreateOutcome.Created)
        {
            context.Response.Headers.Location = StreamReply.Location(context.Request);
        }

        context.Response.ContentType = result.Stream!.State.ContentType;
        StreamReply.Describe(context, result.Stream);
    }

    private static StreamException Refusal(StreamKey key, CreateOutcome outcome) => outcome switch
    {
        CreateOutcome.HasForks => new(StatusCodes.Status409Conflict, "Stream has forks", $"'{key.Path}' was deleted and has forks; its name is free when they are deleted"),
        CreateOutcome.NoSource => NoSource(),
        CreateOutcome.TooMany => new(StatusCodes.Status429TooManyRequests, "Too many streams", "the tenant has as many streams as toolruntime.streams allows; delete some, or wait until they expire"),
        _ => new(StatusCodes.Status409Conflict, "Stream exists", $"'{key.Path}' stands with another content type, life, closure or source; delete it, or take another name"),
    };

    private static StreamException NoSource() => new(StatusCodes.Status404NotFound, "No source", "there is no stream that Stream-Forked-From names");

    private async ValueTask<ReadOnlyMemory<byte>> BodyAsync(HttpRequest request, string type, CancellationToken cancellationToken)
    {
        var body = await BoundedBody.ReadAsync(request, streams.Options.LargestAppendBytes, cancellationToken);
        return body.IsEmpty || !JsonChunks.Is(type) ? body : JsonChunks.Flatten(body) ?? throw RequestHeaders.Malformed("the body is no JSON");
    }

    private async ValueTask<Fork?> ForkAsync(HttpRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (part, offset) = (RequestHeaders.ForkPart(request) ?? 0, RequestHeaders.ForkOffset(request));
        if (RequestHeaders.Text(request, StreamHeaders.ForkedFrom) is not { } from)
        {
            return null;
        }

        var key = StreamNames.OfSource(caller, from);
        var source = await streams.FindAsync(key, cancellationToken) ?? throw NoSource();
        if (source.State.IsDeleted)
        {
            throw new StreamException(StatusCodes.Status409Conflict, "Source is deleted", $"'{key.Path}' was deleted and stands only for its forks");
        }

        var place = offset ?? source.Tail;
        if (place > source.Tail)
        {
            throw RequestHeaders.Malformed("Stream-Fork-Offset lies behind the end of the source");
        }

        var origin = new ForkOrigin(key.Path, place.Position, place.Sequence, part);
        return new Fork(source, origin, offset is not null, part == 0 ? default : await PartAsync(source, place, part, cancellationToken));
    }

    private async ValueTask<ReadOnlyMemory<byte>> PartAsync(StoredState source, StreamOffset place, long part, CancellationToken cancellationToken)
    {
        var page = await streams.ReadAsync(source, place, cancellationToken);
        return page.Chunks.Count > 0 && JsonChunks.TryCut(page.Chunks[0].Data, part, JsonChunks.Is(source.State.ContentType), out var cut)
            ? cut
            : throw RequestHeaders.Malformed("Stream-Fork-Sub-Offset lies behind the end of the append that follows Stream-Fork-Offset");
    }

    private sealed record Fork(StoredState Source, ForkOrigin Origin, bool IsNamed, ReadOnlyMemory<byte> Part);
}
