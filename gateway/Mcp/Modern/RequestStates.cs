using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>
/// Seals states with AES-256-GCM, bound to tenant and subject. A client can keep one and give it back, but neither read nor change it, nor
/// use another's. (MCP 2026-07-28, multi round-trip requests.)
/// </summary>
public sealed class RequestStates(byte[] key)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Length of the key, bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>Seals a state for <paramref name="caller"/>.</summary>
    public string Seal(RequestState state, Caller caller)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(state, RequestStateJson.Default.RequestState);
        var wire = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(wire.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(wire.AsSpan(0, NonceLength), plain, wire.AsSpan(NonceLength, plain.Length), wire.AsSpan(NonceLength + plain.Length), Principal(caller));
        return Base64Url.EncodeToString(wire);
    }

    /// <summary>Opens a state, or null when it is not ours, not this caller's, was changed, or has expired.</summary>
    public RequestState? Open(string sealedState, Caller caller, DateTimeOffset now)
    {
        try
        {
            var wire = Base64Url.DecodeFromChars(sealedState);
            if (wire.Length <= NonceLength + TagLength)
            {
                return null;
            }

            var plain = new byte[wire.Length - NonceLength - TagLength];
            using var cipher = new AesGcm(key, TagLength);
            cipher.Decrypt(wire.AsSpan(0, NonceLength), wire.AsSpan(NonceLength, plain.Length), wire.AsSpan(NonceLength + plain.Length), plain, Principal(caller));
            var state = JsonSerializer.Deserialize(plain, RequestStateJson.Default.RequestState);
            return state is not null && state.Expires > now ? state : null;
        }
        catch (Exception error) when (error is FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Digest that binds a state to what was asked for.</summary>
    public static string Digest(string method, ReadOnlyMemory<byte> arguments)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(method));
        hash.AppendData([0]);
        hash.AppendData(arguments.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static byte[] Principal(Caller caller) => Encoding.UTF8.GetBytes($"{caller.Tenant}\n{caller.Subject}");
}
