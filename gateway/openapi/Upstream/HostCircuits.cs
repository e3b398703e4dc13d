using System.Collections.Concurrent;

using Polly;
using Polly.CircuitBreaker;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>A circuit breaker for each upstream host. Failures are answers of 500 and more, and what never became an answer.</summary>
internal sealed class HostCircuits(UpstreamOptions options, TimeProvider time)
{
    /// <summary>Hosts beyond these (redirects may lead anywhere) go without a breaker.</summary>
    private const int MostHosts = 64;

    private readonly ConcurrentDictionary<string, ResiliencePipeline<HttpResponseMessage>> _circuits = new(StringComparer.Ordinal);

    /// <summary>The breaker of a host.</summary>
    public ResiliencePipeline<HttpResponseMessage> Of(string host) =>
        _circuits.TryGetValue(host, out var circuit) ? circuit
        : _circuits.Count >= MostHosts ? ResiliencePipeline<HttpResponseMessage>.Empty
        : _circuits.GetOrAdd(host, _ => Build());

    /// <summary>The fault of a call that an open breaker has kept back.</summary>
    public static ApiFaultException Open(string host, BrokenCircuitException open) => new(
        ApiFaultCode.CircuitOpen, $"{host} has failed so often that it is left alone for now", open.RetryAfter is { } wait ? $"try again in {Math.Ceiling(wait.TotalSeconds)} s" : null, open);

    private ResiliencePipeline<HttpResponseMessage> Build() =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                FailureRatio = options.CircuitFailureRatio,
                MinimumThroughput = Math.Max(2, options.CircuitMinimum),
                SamplingDuration = options.CircuitWindow,
                BreakDuration = options.CircuitBreak,
                ShouldHandle = static a => ValueTask.FromResult(a.Outcome.Result is { } answer ? (int)answer.StatusCode >= 500 : IsFailure(a.Outcome.Exception)),
            })
            .Build();

    private static bool IsFailure(Exception? exception) =>
        exception is ApiFaultException { Fault.Code: ApiFaultCode.Unreachable or ApiFaultCode.TimedOut or ApiFaultCode.BadResponse };
}
