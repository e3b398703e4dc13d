using Polly;
using Polly.Retry;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>Repeats what <see cref="RetryRule"/> lets be repeated.</summary>
internal sealed class RetryPipelines(UpstreamOptions options, TimeProvider time)
{
    private readonly ResiliencePipeline<HttpResponseMessage> _repeatable = Build(options, time, isRepeatable: true);
    private readonly ResiliencePipeline<HttpResponseMessage> _once = Build(options, time, isRepeatable: false);

    /// <summary>The pipeline of requests that may, or may not, be sent twice.</summary>
    public ResiliencePipeline<HttpResponseMessage> Of(bool isRepeatable) => isRepeatable ? _repeatable : _once;

    private static ResiliencePipeline<HttpResponseMessage> Build(UpstreamOptions options, TimeProvider time, bool isRepeatable)
    {
        if (options.MaxRetries < 1)
        {
            return ResiliencePipeline<HttpResponseMessage>.Empty;
        }

        return new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.MaxRetries,
                ShouldHandle = a => ValueTask.FromResult(a.Outcome.Exception is ApiFaultException fault
                    ? RetryRule.IsPassing(fault.Fault.Code, isRepeatable)
                    : isRepeatable && a.Outcome.Result is { } answer && RetryRule.IsPassing(answer.StatusCode) && !(Wait(answer, time) > options.MaxRetryAfter)),
                DelayGenerator = a => ValueTask.FromResult<TimeSpan?>((a.Outcome.Result is { } answer ? Wait(answer, time) : null)
                    ?? RetryRule.Backoff(options.RetryDelay, a.AttemptNumber + 1, Random.Shared.NextDouble())),
            })
            .Build();
    }

    private static TimeSpan? Wait(HttpResponseMessage answer, TimeProvider time) => RetryRule.Wait(answer.Headers.RetryAfter, time.GetUtcNow());
}
