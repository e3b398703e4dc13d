using System.Globalization;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Streams;

/// <summary>Reads the protocol's request headers; what is malformed is refused by name.</summary>
internal static class RequestHeaders
{
    private const long LargestSafeInteger = (1L << 53) - 1;

    /// <summary>Whether the stream ends with the request.</summary>
    public static bool Closes(HttpRequest request) => request.Headers[StreamHeaders.Closed] == "true";

    /// <summary>A header's value, or null where it is missing or empty.</summary>
    public static string? Text(HttpRequest request, string name) => request.Headers[name].ToString() is { Length: > 0 } text ? text : null;

    /// <summary>The media type, or null where there is none or it is none.</summary>
    public static string? ContentType(HttpRequest request) =>
        request.ContentType is { } type && type.Split('/') is [{ Length: > 0 } main, { Length: > 0 }, ..] && main.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? type : null;

    /// <summary>How long a stream is to live.</summary>
    public static (long? Ttl, string? ExpiresAt) Life(HttpRequest request)
    {
        var (ttl, expires) = (Text(request, StreamHeaders.Ttl), Text(request, StreamHeaders.ExpiresAt));
        if (ttl is not null && expires is not null)
        {
            throw Malformed("Stream-TTL and Stream-Expires-At exclude each other: give one of them");
        }

        if (expires is not null && !StreamRules.TryReadTime(expires, out _))
        {
            throw Malformed("Stream-Expires-At must be an RFC 3339 time, such as 2030-01-31T12:00:00Z");
        }

        return (ttl is null ? null : Plain(ttl, long.MaxValue / 2000) ?? throw Malformed("Stream-TTL must be seconds in digits, without sign, dot or leading zero"), expires);
    }

    /// <summary>The batch of an idempotent producer, or null.</summary>
    public static ProducerMark? Producer(HttpRequest request)
    {
        var headers = request.Headers;
        string[] names = [StreamHeaders.ProducerId, StreamHeaders.ProducerEpoch, StreamHeaders.ProducerSequence];
        var given = names.Count(headers.ContainsKey);
        if (given == 0)
        {
            return null;
        }

        if (given < names.Length || headers[StreamHeaders.ProducerId].ToString() is not { Length: > 0 and <= 256 } id)
        {
            throw Malformed("Producer-Id (1 to 256 characters), Producer-Epoch and Producer-Seq must be given together");
        }

        return new ProducerMark(id, Whole(headers, StreamHeaders.ProducerEpoch), Whole(headers, StreamHeaders.ProducerSequence));
    }

    /// <summary>The part of the source's next chunk that a fork begins with, or null where it is not named.</summary>
    public static long? ForkPart(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(StreamHeaders.ForkSubOffset, out var value))
        {
            return null;
        }

        return Text(request, StreamHeaders.ForkedFrom) is null
            ? throw Malformed("Stream-Fork-Sub-Offset needs Stream-Forked-From")
            : Plain(value.ToString(), int.MaxValue) ?? throw Malformed("Stream-Fork-Sub-Offset must be a number in digits, without sign, dot or leading zero");
    }

    /// <summary>The place of a fork, or null where it is not named.</summary>
    public static StreamOffset? ForkOffset(HttpRequest request)
    {
        if (Text(request, StreamHeaders.ForkOffset) is not { } text)
        {
            return null;
        }

        return StreamOffset.TryParse(text, out var offset) ? offset : throw Malformed("Stream-Fork-Offset must be a Stream-Next-Offset that the source has given");
    }

    /// <summary>A refusal of what cannot be read.</summary>
    public static StreamException Malformed(string detail) => new(StatusCodes.Status400BadRequest, "Malformed request", detail);

    private static long Whole(IHeaderDictionary headers, string name) =>
        long.TryParse(headers[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= LargestSafeInteger
            ? number
            : throw Malformed($"{name} must be a number in digits, at most 2^53-1");

    private static long? Plain(string text, long largest) =>
        (text == "0" || !text.StartsWith('0')) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= largest ? number : null;
}
