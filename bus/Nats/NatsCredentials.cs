using System.Buffers.Text;
using System.Text;

using Org.BouncyCastle.Crypto.Parameters;

namespace ToolRuntime.Bus.Nats;

/// <summary>
/// What a credentials file holds: a <c>.creds</c> file (JWT and seed), an nkey seed (<c>SU…</c>), or a token. .NET has no Ed25519, so signing is
/// BouncyCastle's.
/// </summary>
internal sealed record NatsCredentials
{
    private const string JwtBegin = "-----BEGIN NATS USER JWT-----";
    private const string SeedBegin = "-----BEGIN USER NKEY SEED-----";
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int SeedLength = 58;
    private const int PrefixUser = 20 << 3;

    /// <summary>The user's JWT, or null.</summary>
    public string? Jwt { get; private init; }

    /// <summary>The nkey's seed, or null.</summary>
    public string? Seed { get; private init; }

    /// <summary>The token, or null.</summary>
    public string? Token { get; private init; }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="InvalidOperationException">It is none of the three.</exception>
    public static NatsCredentials Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains(JwtBegin, StringComparison.Ordinal))
        {
            return new NatsCredentials { Jwt = After(text, JwtBegin), Seed = Checked(After(text, SeedBegin)) };
        }

        var line = text.Split('\n', 2)[0].Trim();
        if (line.Length == 0)
        {
            throw new InvalidOperationException("the credentials file is empty; it holds a .creds file, an nkey seed (SU…) or a token");
        }

        return line.Length == SeedLength && line.StartsWith("SU", StringComparison.Ordinal) ? new NatsCredentials { Seed = Checked(line) } : new NatsCredentials { Token = line };
    }

    /// <summary>The seed's public key, as a server knows the user by.</summary>
    public string PublicKey()
    {
        var key = KeyOf(Seed!).GeneratePublicKey().GetEncoded();
        byte[] wire = [PrefixUser, .. key];
        return Encode([.. wire, .. Checksum(wire)]);
    }

    /// <summary>Signs what the server wants signed.</summary>
    public string Sign(string nonce)
    {
        var signer = new Org.BouncyCastle.Crypto.Signers.Ed25519Signer();
        signer.Init(forSigning: true, KeyOf(Seed!));
        var bytes = Encoding.ASCII.GetBytes(nonce);
        signer.BlockUpdate(bytes, 0, bytes.Length);
        return Base64Url.EncodeToString(signer.GenerateSignature());
    }

    /// <inheritdoc/>
    public override string ToString() => $"NatsCredentials({(Jwt is not null ? "jwt" : Seed is not null ? "nkey" : "token")})";

    private static string After(string text, string begin)
    {
        var at = text.IndexOf(begin, StringComparison.Ordinal);
        var rest = at < 0 ? [] : text[(at + begin.Length)..].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return rest.Length > 0 ? rest[0] : throw new InvalidOperationException($"the credentials file has no {begin.Trim('-')}; make it anew with nsc");
    }

    private static string Checked(string seed)
    {
        _ = KeyOf(seed);
        return seed;
    }

    private static Ed25519PrivateKeyParameters KeyOf(string seed)
    {
        var wire = Decode(seed);
        if (wire is not { Length: 36 } || !Checksum(wire.AsSpan(0, 34)).AsSpan().SequenceEqual(wire.AsSpan(34)))
        {
            throw new InvalidOperationException("the nkey seed is not valid: 58 characters that begin with SU, as nk prints them");
        }

        return new Ed25519PrivateKeyParameters(wire, 2);
    }

    private static byte[]? Decode(string text)
    {
        var bytes = new List<byte>(text.Length);
        var (bits, count) = (0, 0);
        foreach (var c in text)
        {
            var value = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }

            (bits, count) = (((bits << 5) | value) & 0xFFFF, count + 5);
            if (count >= 8)
            {
                count -= 8;
                bytes.Add((byte)(bits >> count));
            }
        }

        return [.. bytes];
    }

    private static string Encode(byte[] bytes)
    {
        var text = new StringBuilder();
        var (bits, count) = (0, 0);
        foreach (var b in bytes)
        {
            (bits, count) = (((bits << 8) | b) & 0xFFFF, count + 8);
            while (count >= 5)
            {
                count -= 5;
                text.Append(Alphabet[(bits >> count) & 31]);
            }
        }

        return count > 0 ? text.Append(Alphabet[(bits << (5 - count)) & 31]).ToString() : text.ToString();
    }

    /// <summary>CRC-16/XMODEM, little-endian, as nkeys have it.</summary>
    private static byte[] Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var b in bytes)
        {
            crc ^= b << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? ((crc << 1) ^ 0x1021) & 0xFFFF : (crc << 1) & 0xFFFF;
            }
        }

        return [(byte)crc, (byte)(crc >> 8)];
    }
}
