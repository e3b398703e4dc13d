using System.Collections.Immutable;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.Apis;

/// <summary>One call of an API.</summary>
/// <param name="Invocation">The call: caller, arguments, trace, deadline.</param>
/// <param name="Headers">Headers of the caller's own request that the source hands on.</param>
/// <param name="Dialect">What the caller's model takes of JSON Schema.</param>
/// <param name="EmitAsync">Takes what comes before the end, or null where the caller wants nothing of it.</param>
public sealed record ApiInvocation(Invocation Invocation, ImmutableDictionary<string, string> Headers, SchemaDialect Dialect, Func<InvocationEvent, CancellationToken, ValueTask>? EmitAsync);
