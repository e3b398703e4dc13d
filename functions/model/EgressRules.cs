using System.Text.Json;

namespace ToolRuntime.Functions;

/// <summary>
/// What may go out of a sandbox. Nothing that <see cref="Allow"/> or <see cref="AllowsRest"/> does not allow. Each host, address and network may
/// end with <c>:port</c>; <c>0.0.0.0/0</c> and <c>::/0</c> are all public addresses.
/// </summary>
public sealed record EgressRules
{
    /// <summary>Hosts (<c>example.com</c>, <c>*.example.com</c>), addresses and networks that may be reached; they win over <see cref="Deny"/>.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Hosts, addresses and networks that may not.</summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>Whether what neither list names may be reached. Private and metadata addresses may not even then, unless <see cref="Allow"/> names them.</summary>
    public bool AllowsRest { get; init; }

    /// <summary>Rules of single hosts.</summary>
    public IReadOnlyList<EgressHostRule> Hosts { get; init; } = [];

    /// <summary>Most bytes out and in together; 0 for no limit.</summary>
    public long MaximumBytes { get; init; }

    /// <summary>Most bytes a second, each way; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>As the caller wrote it, for showing it again; header values are left out.</summary>
    public JsonElement? Shown { get; init; }
}
