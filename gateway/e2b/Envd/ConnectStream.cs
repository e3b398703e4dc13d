using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Wire;

namespace ToolRuntime.E2b.Envd;

/// <summary>The answering side of a server stream of the Connect protocol: envelopes of one flag byte, a big-endian length and JSON. One writer at a time.</summary>
internal sealed class ConnectStream(HttpContext context)
{
    private const int HeadLength = 5;
    private const byte EndFlag = 2;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Writes one message and sends it at once.</summary>
    public Task WriteAsync(Action<Utf8JsonWriter> write) => SendAsync(0, write);

    /// <summary>Writes one message that is <paramref name="data"/> in base64 between two pieces of its JSON, and sends it at once.</summary>
    public Task WriteBase64Async(ReadOnlySpan<byte> before, ReadOnlySpan<byte> data, ReadOnlySpan<byte> after)
    {
        Begin();
        var target = context.Response.BodyWriter;
        var length = before.Length + Base64.GetMaxEncodedToUtf8Length(data.Length) + after.Length;
        var envelope = target.GetSpan(HeadLength + length)[..(HeadLength + length)];
        envelope[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(envelope[1..], (uint)length);
        before.CopyTo(envelope[HeadLength..]);
        Base64.EncodeToUtf8(data, envelope[(HeadLength + before.Length)..], out _, out _);
        after.CopyTo(envelope[^after.Length..]);
        target.Advance(envelope.Length);
        return target.FlushAsync(context.RequestAborted).AsTask();
    }

    /// <summary>Ends the stream, well or with an error.</summary>
    public Task EndAsync(string? code = null, string message = "") => SendAsync(EndFlag, writer =>
    {
        writer.WriteStartObject();
        if (code is not null)
        {
            writer.WritePropertyName("error"u8);
            ConnectError.Write(writer, code, message);
        }

        writer.WriteEndObject();
    });

    /// <summary>Reads the one message of the request.</summary>
    /// <exception cref="ConnectException">It is no envelope.</exception>
    public static async ValueTask<byte[]> ReadRequestAsync(HttpContext context)
    {
        const int Longest = 8 * 1024 * 1024;
        var head = new byte[HeadLength];
        var body = context.Request.Body;
        if (await body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, context.RequestAborted) < head.Length)
        {
            throw new ConnectException(ConnectError.InvalidArgument, "the request has no envelope");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(1));
        if (head[0] != 0 || length > Longest)
        {
            throw new ConnectException(ConnectError.InvalidArgument, head[0] != 0 ? "compressed envelopes are not taken" : $"the request is larger than {Longest} bytes");
        }

        var json = new byte[length];
        return await body.ReadAtLeastAsync(json, json.Length, throwOnEndOfStream: false, context.RequestAborted) == json.Length
            ? json
            : throw new ConnectException(ConnectError.InvalidArgument, "the request ends in its envelope");
    }

    private void Begin()
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentType = "application/connect+json";
        }
    }

    private async Task SendAsync(byte flag, Action<Utf8JsonWriter> write)
    {
        Begin();
        _buffer.ResetWrittenCount();
        _buffer.GetSpan(HeadLength)[..HeadLength].Clear();
        _buffer.Advance(HeadLength);
        using (var writer = new Utf8JsonWriter(_buffer, E2bReply.WriterOptions))
        {
            write(writer);
        }

        var envelope = new byte[HeadLength];
        envelope[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(envelope.AsSpan(1), (uint)(_buffer.WrittenCount - HeadLength));
        var target = context.Response.BodyWriter;
        target.Write(envelope);
        target.Write(_buffer.WrittenSpan[HeadLength..]);
        await target.FlushAsync(context.RequestAborted);
    }
}
