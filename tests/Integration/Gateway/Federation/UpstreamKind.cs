namespace ToolRuntime.Tests.Integration.Gateway.Federation;

/// <summary>How an upstream of the tests speaks.</summary>
public enum UpstreamKind
{
    /// <summary>2026-07-28 alone.</summary>
    Modern,

    /// <summary>2025-11-25 with sessions.</summary>
    Sessions,

    /// <summary>2025-06-18 without sessions.</summary>
    Stateless,

    /// <summary>HTTP with SSE, 2024-11-05.</summary>
    Sse,
}
