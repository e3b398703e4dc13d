namespace ToolRuntime.Bus.Nats;

/// <summary>Credentials. The record's text never shows the password.</summary>
internal sealed record NatsAuthOpts
{
    /// <summary>User name, or null.</summary>
    public string? Username { get; init; }

    /// <summary>Password, or null.</summary>
    public string? Password { get; init; }

    /// <summary>JWT, nkey or token, or null.</summary>
    public NatsCredentials? Credentials { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"NatsAuthOpts({(Credentials is not null ? Credentials.ToString() : Username is null ? "none" : "user")})";
}
