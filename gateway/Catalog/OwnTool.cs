using ToolRuntime.Gateway.Apis;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>A tool of the gateway itself: does what a call says, whose arguments fit the tool's schema.</summary>
/// <returns>UTF-8 of <c>{"value"}</c> and/or <c>{"content"}</c>, and <c>"isError":true</c> where what was asked for failed.</returns>
public delegate ValueTask<ReadOnlyMemory<byte>> OwnTool(ApiInvocation call, CancellationToken cancellationToken);
