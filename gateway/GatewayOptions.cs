using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Collection;
using ToolRuntime.Gateway.Mcp;
using ToolRuntime.Gateway.Mcp.Legacy;

namespace ToolRuntime.Gateway;

/// <summary>The gateway's options; section <c>toolruntime.gateway</c> of host.json.</summary>
public sealed record GatewayOptions
{
    /// <summary>Folder of the instance's own files: <c>secrets.json</c> and <c>request-state.key</c>, both mode 0600. Replicas share it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Who may call, and from where.</summary>
    public AuthOptions Auth { get; init; } = new();

    /// <summary>How calls are waited for.</summary>
    public CallOptions Calls { get; init; } = new();

    /// <summary>Bounds of <c>/mcp</c>.</summary>
    public McpOptions Mcp { get; init; } = new();

    /// <summary>Which versions, layers and packages are kept.</summary>
    public CollectionOptions Collection { get; init; } = new();

    /// <summary>Whether every tenant has the tools of the source <c>sandbox</c>.</summary>
    public bool HasSandboxTools { get; init; } = true;

    /// <summary>Whether every tenant has the tools of the source <c>state</c>.</summary>
    public bool HasStateTools { get; init; } = true;

    /// <summary>Domain, with its port, below which ports of sandboxes have names over TLS; null for none.</summary>
    public string? SandboxDomain { get; init; }

    /// <summary>Bounds of the sessions of older clients.</summary>
    public LegacyOptions Legacy { get; init; } = new();
}
