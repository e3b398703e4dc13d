using System.Collections.Immutable;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.ApiCalls;

/// <summary>Starts calls of HTTP APIs, which run in the gateway.</summary>
public sealed class ApiCallStarter(CallRecord record, TimeProvider time)
{
    /// <summary>Starts a call that is already decided and whose arguments fit.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="route">A route with <see cref="ToolRoute.Api"/> or <see cref="ToolRoute.Own"/>.</param>
    /// <param name="headers">Headers of the caller's own request.</param>
    /// <param name="dialect">What the caller's model takes of JSON Schema.</param>
    public ICall Start(Invocation invocation, ToolRoute route, ImmutableDictionary<string, string> headers, SchemaDialect dialect) =>
        new ApiCall((invocation, route), (headers, dialect), record, time);
}
