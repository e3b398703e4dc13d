using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Auth;

/// <summary>The token of the management API, from a file of mode 0600. Without a file nobody has it, and only Unix sockets manage.</summary>
public sealed class AdminToken
{
    private const int MinimumLength = 16;
    private static readonly Caller s_caller = new(Caller.LocalTenant, "admin", "admin-token");
    private readonly byte[]? _digest;

    /// <summary>Reads the file, once.</summary>
    /// <exception cref="InvalidOperationException">Missing, readable by others, or the token is too short.</exception>
    public AdminToken(AuthOptions options)
    {
        if (options.AdminTokenFile is not { } path)
        {
            return;
        }

        var token = SecretFile.ReadLines(path).FirstOrDefault()?.Trim() ?? "";
        if (token.Length < MinimumLength)
        {
            throw new InvalidOperationException($"{path}: the token must have at least {MinimumLength} characters");
        }

        _digest = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }

    /// <summary>The administrator, if <paramref name="token"/> is the token, else null.</summary>
    public Caller? Find(string token) =>
        _digest is not null && CryptographicOperations.FixedTimeEquals(_digest, SHA256.HashData(Encoding.UTF8.GetBytes(token))) ? s_caller : null;
}
