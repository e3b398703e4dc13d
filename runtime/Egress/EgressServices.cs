using Microsoft.Extensions.Logging;

using ToolRuntime.Runtime.Egress.Tls;

namespace ToolRuntime.Runtime.Egress;

/// <summary>What the egress of all sandboxes of a runtime shares.</summary>
/// <param name="Names">Resolves.</param>
/// <param name="Secrets">Fills headers.</param>
/// <param name="Tls">Ends TLS.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">For what is nobody's decision.</param>
internal sealed record EgressServices(NameCache Names, EgressSecrets Secrets, TlsTerms Tls, TimeProvider Time, ILogger Logger)
{
    /// <summary>How long a program may take with the head of a request, or its side of TLS.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may be without a byte.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Connects.</summary>
    public EgressDialer Dialer { get; } = new(Time);
}
