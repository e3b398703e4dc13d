using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Pipes;

/// <summary>
/// How a pipe between processes begins: both ends prove by HMAC-SHA-256 over both nonces that they know the runtime's secret, without sending it; then the
/// opener says where the pipe leads, and the runtime says whether it does. After that the connection is the pipe.
/// </summary>
internal static class PipeHandshake
{
    private const int NonceLength = 32;
    private const int LongestMessage = 32 * 1024;
    private static readonly byte[] _magic = "TRP1"u8.ToArray();

    /// <summary>The opener's side.</summary>
    /// <exception cref="FunctionFaultException">The runtime refused, or is not the one it should be.</exception>
    public static async ValueTask OpenAsync(Stream stream, byte[] secret, PipeAddress address, CancellationToken cancellationToken)
    {
        var mine = RandomNumberGenerator.GetBytes(NonceLength);
        await stream.WriteAsync((byte[])[.. _magic, .. mine], cancellationToken);
        var answer = new byte[NonceLength + HMACSHA256.HashSizeInBytes];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        var theirs = answer[..NonceLength];
        if (!CryptographicOperations.FixedTimeEquals(answer.AsSpan(NonceLength), Proof(secret, (byte)'S', mine, theirs)))
        {
            throw new FunctionFaultException(FaultCode.RuntimeLost, "The runtime at the session's address is another one.", "Try again.");
        }

        await stream.WriteAsync(Proof(secret, (byte)'C', mine, theirs), cancellationToken);
        await WriteAsync(stream, address, PipesJson.Default.PipeAddress, cancellationToken);
        if (await ReadAsync(stream, PipesJson.Default.FunctionFault, cancellationToken) is { } fault)
        {
            throw new FunctionFaultException(fault);
        }
    }

    /// <summary>The runtime's side up to the address; null when the opener does not know the secret.</summary>
    public static async ValueTask<PipeAddress?> AcceptAsync(Stream stream, byte[] secret, CancellationToken cancellationToken)
    {
        var hello = new byte[_magic.Length + NonceLength];
        await stream.ReadExactlyAsync(hello, cancellationToken);
        if (!hello.AsSpan(0, _magic.Length).SequenceEqual(_magic))
        {
            return null;
        }

        var theirs = hello[_magic.Length..];
        var mine = RandomNumberGenerator.GetBytes(NonceLength);
        await stream.WriteAsync((byte[])[.. mine, .. Proof(secret, (byte)'S', theirs, mine)], cancellationToken);
        var proof = new byte[HMACSHA256.HashSizeInBytes];
        await stream.ReadExactlyAsync(proof, cancellationToken);
        return CryptographicOperations.FixedTimeEquals(proof, Proof(secret, (byte)'C', theirs, mine))
            ? await ReadAsync(stream, PipesJson.Default.PipeAddress, cancellationToken)
            : null;
    }

    /// <summary>Says that the pipe stands (null), or why it does not.</summary>
    public static ValueTask AnswerAsync(Stream stream, FunctionFault? fault, CancellationToken cancellationToken) =>
        WriteAsync(stream, fault, PipesJson.Default.FunctionFault, cancellationToken);

    private static byte[] Proof(byte[] secret, byte side, byte[] opener, byte[] accepter) =>
        HMACSHA256.HashData(secret, (byte[])[side, .. opener, .. accepter]);

    private static async ValueTask WriteAsync<T>(Stream stream, T? value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var json = value is null ? [] : JsonSerializer.SerializeToUtf8Bytes(value, type);
        var message = new byte[sizeof(int) + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, json.Length);
        json.CopyTo(message, sizeof(int));
        await stream.WriteAsync(message, cancellationToken);
    }

    private static async ValueTask<T?> ReadAsync<T>(Stream stream, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var prefix = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(prefix, cancellationToken);
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length is < 0 or > LongestMessage)
        {
            throw new InvalidDataException($"pipe: a message of {length} bytes, at most {LongestMessage} are allowed");
        }

        var json = new byte[length];
        await stream.ReadExactlyAsync(json, cancellationToken);
        try
        {
            return length == 0 ? null : JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("pipe: a message is no JSON", error);
        }
    }
}
