using System.Buffers.Binary;
using System.Text.Json;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>Reads the answer of a server stream of the Connect protocol: envelopes of one flag byte, a big-endian length and JSON.</summary>
internal sealed class EnvelopeReader(HttpResponseMessage response, Stream stream) : IAsyncDisposable
{
    private const int HeadLength = 5;
    private const byte EndFlag = 2;
    private const int NotFound = 404;
    private const uint Longest = 32 * 1024 * 1024;
    private readonly byte[] _head = new byte[HeadLength];
    private byte[] _body = new byte[64 * 1024];

    /// <summary>A request as it is sent.</summary>
    public static byte[] Enclose(ReadOnlySpan<byte> json)
    {
        var envelope = new byte[HeadLength + json.Length];
        BinaryPrimitives.WriteUInt32BigEndian(envelope.AsSpan(1), (uint)json.Length);
        json.CopyTo(envelope.AsSpan(HeadLength));
        return envelope;
    }

    /// <summary>The next message, for the caller to dispose of; null at the end.</summary>
    /// <exception cref="CommandFailedException">The stream ended with an error.</exception>
    /// <exception cref="IOException">It ended in its middle: the sandbox went away.</exception>
    public async ValueTask<JsonDocument?> ReadAsync(CancellationToken cancellationToken)
    {
        await stream.ReadExactlyAsync(_head, cancellationToken);
        var length = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(1));
        if (length > Longest)
        {
            throw new InvalidDataException($"a message of {length} bytes");
        }

        if (_body.Length < length)
        {
            _body = new byte[length];
        }

        var body = _body.AsMemory(0, (int)length);
        await stream.ReadExactlyAsync(body, cancellationToken);
        var document = JsonDocument.Parse(body);
        if (_head[0] != EndFlag)
        {
            return document;
        }

        using (document)
        {
            if (document.RootElement.TryGetProperty("error", out var error))
            {
                throw new CommandFailedException(ExitCodes.Refused, error.Text("message") is { Length: > 0 } why ? why : error.Text("code")) { Status = error.Text("code") == "not_found" ? NotFound : null };
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        response.Dispose();
    }
}
