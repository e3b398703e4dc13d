using System.Net;
using System.Security.Cryptography.X509Certificates;

using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.OpenApi.Calls;

/// <summary>What a source is given by who hosts it.</summary>
public sealed record ApiSourceParts
{
    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Reads secrets.</summary>
    public required ReadSecret Secrets { get; init; }

    /// <summary>Keeps what is too large to be shown; one for all sources.</summary>
    public required ContinuationStore Continuations { get; init; }

    /// <summary>Finds resources that arguments name, or null for none.</summary>
    public FindResource? Find { get; init; }

    /// <summary>The client certificate (see <see cref="CertificateFile"/>), or null.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Resolves names, or null for the system's resolver.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>>? Resolve { get; init; }
}
