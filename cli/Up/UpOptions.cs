namespace ToolRuntime.Cli.Up;

/// <summary>What the command line says of one instance.</summary>
internal sealed record UpOptions
{
    public required string Address { get; init; }

    public required int Port { get; init; }

    public required Role Role { get; init; }

    public required string ConfigurationPath { get; init; }

    /// <summary>An own NATS server, or null to supervise a child.</summary>
    public string? Nats { get; init; }

    /// <summary>File with a .creds file, an nkey seed or a token for <see cref="Nats"/>, or null.</summary>
    public string? NatsCredentials { get; init; }

    /// <summary>PEM file of the authorities that <see cref="Nats"/> is trusted by, or null.</summary>
    public string? NatsAuthorities { get; init; }

    /// <summary>PEM file of the client's certificate for <see cref="Nats"/>, or null.</summary>
    public string? NatsCertificate { get; init; }

    /// <summary>PEM file of that certificate's key, or null.</summary>
    public string? NatsKey { get; init; }

    /// <summary>File whose lines are <c>key tenant subject</c>; needed when the address is not loopback.</summary>
    public string? Keys { get; init; }

    /// <summary>TCP port at which ports of sandboxes have names over TLS, or 0 for none.</summary>
    public int TlsPort { get; init; }

    /// <summary>The domain of these names.</summary>
    public string? SandboxDomain => TlsPort == 0 ? null : $"{SandboxCertificate.Domain}:{TlsPort}";

    public bool Verbose { get; init; }

    public string Url => $"http://{(Address.Contains(':') ? $"[{Address}]" : Address)}:{Port}";
}
