using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.OpenApi.Upstream;

namespace ToolRuntime.OpenApi.Calls;

/// <summary>How one API is called.</summary>
public sealed record ApiSourceOptions
{
    /// <summary>Which server.</summary>
    public UpstreamTarget Target { get; init; } = new();

    /// <summary>With which credentials.</summary>
    public ApiCredentials Credentials { get; init; } = ApiCredentials.None;

    /// <summary>Hosts, addresses and networks that may be private.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Bounds of requests.</summary>
    public RequestOptions Requests { get; init; } = new();

    /// <summary>Bounds of what is shown.</summary>
    public ResponseOptions Responses { get; init; } = new();

    /// <summary>Manners.</summary>
    public UpstreamOptions Upstream { get; init; } = new();

    /// <summary>Bounds of getting tokens.</summary>
    public TokenOptions Tokens { get; init; } = new();
}
