using System.Net.ServerSentEvents;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A runtime is killed in mid-call: another brings each of its calls to the one right end.</summary>
[Collection(FaultCollection.Name)]
public sealed class RuntimeLostTests
{
    private static readonly TimeSpan s_ackDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_beyond = TimeSpan.FromSeconds(5);

    /// <summary>A session is its runtime's so long after the last heartbeat, and is then found gone by two looks.</summary>
    private static readonly TimeSpan s_ownerLifetime = TimeSpan.FromSeconds(20);

    private const string Code = """"
        import time
        from toolruntime import Context

        def NAME(ctx: Context) -> str:
            """Never ends the first time, at once the second."""
            if ctx.attempt == 1:
                ctx.progress(1, 2, "begun")
                time.sleep(600)
            return f"attempt {ctx.attempt}"
        """";

    [Theory]
    [InlineData("function")]
    [InlineData("session")]
    public async Task ASafeFunctionCompletesElsewhereAndAnotherFailsWithRuntimeLost(string isolation)
    {
        await using var gateway = await Part.StartAsync("gateway");
        await using var first = await Part.JoinAsync("runtime", gateway);
        await gateway.DeployAsync("repeated", Code.Replace("NAME", "repeated", StringComparison.Ordinal), """{"name":"repeated","entry":"repeated.py","retry":"safe","timeoutSeconds":300,"isolation":"ISOLATION"}""".Replace("ISOLATION", isolation, StringComparison.Ordinal));
        await gateway.DeployAsync("once", Code.Replace("NAME", "once", StringComparison.Ordinal), """{"name":"once","entry":"once.py","timeoutSeconds":300,"isolation":"ISOLATION"}""".Replace("ISOLATION", isolation, StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = gateway.Url, Timeout = Toolrt.Deadline };
        await using var repeated = await RunningCall.StartAsync(http, "repeated?session=thesessionofrepeated1");
        await using var once = await RunningCall.StartAsync(http, "once?session=thesessionofoncecall1");
        await using var second = await Part.JoinAsync("runtime", gateway);

        var longest = await LongestAsync(gateway, http) + (isolation == "session" ? s_ownerLifetime : TimeSpan.Zero);
        using var deadline = new CancellationTokenSource();
        await first.KillAsync();
        deadline.CancelAfter(longest);
        var ends = await Task.WhenAll(repeated.EndAsync(deadline.Token), once.EndAsync(deadline.Token));

        Assert.Equal("completed", ends[0].EventType);
        Assert.Contains("attempt 2", ends[0].Data, StringComparison.Ordinal);
        Assert.Equal("failed", ends[1].EventType);
        Assert.Contains("RuntimeLost", ends[1].Data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".py", """
        import time
        def kept(ctx) -> str:
            first = ctx.step("first", lambda: f"step of attempt {ctx.attempt}")
            if ctx.previous_checkpoint is None:
                ctx.checkpoint({"at": 7})
                ctx.progress(1, 2, "begun")
                time.sleep(600)
            return f"{first}, at {ctx.previous_checkpoint['at']}, attempt {ctx.attempt}"
        """)]
    [InlineData(".mjs", """
        /** Keeps. @returns {Promise<string>} What was kept. */
        export async function kept(ctx) {
          const first = await ctx.step('first', () => `step of attempt ${ctx.attempt}`);
          if (ctx.previousCheckpoint === undefined) {
            ctx.checkpoint({ at: 7 });
            ctx.progress(1, 2, 'begun');
            await new Promise((resolve) => setTimeout(resolve, 600000));
          }
          return `${first}, at ${ctx.previousCheckpoint.at}, attempt ${ctx.attempt}`;
        }
        """)]
    [InlineData(".csx", """
        /// <summary>Keeps.</summary>
        public static async Task<string> Kept(Context ctx)
        {
            var first = await ctx.StepAsync("first", () => Task.FromResult($"step of attempt {ctx.Attempt}"));
            if (ctx.PreviousCheckpoint is not { } state)
            {
                ctx.Checkpoint(new { at = 7 });
                ctx.Progress(1, 2, "begun");
                await Task.Delay(600_000);
                return "it lives";
            }

            return $"{first}, at {state.GetProperty("at")}, attempt {ctx.Attempt}";
        }
        """)]
    [InlineData(".sh", """
        #!/usr/bin/env bash
        # Keeps.
        # @name kept
        attempt=$([ -z "${TOOL_CHECKPOINT:-}" ] && echo 1 || echo 2)
        first=$(ctx step first -- echo "step of attempt $attempt")
        if [ "$attempt" = 1 ]; then
          ctx checkpoint '{"at": 7}'
          ctx progress 1 2 begun
          sleep 600
        fi
        echo "$first, at ${TOOL_CHECKPOINT//[^0-9]/}, attempt $attempt"
        """)]
    public async Task ACallGoesOnElsewhereFromItsCheckpointAndRepeatsNoStep(string extension, string code)
    {
        await using var gateway = await Part.StartAsync("gateway");
        await using var first = await Part.JoinAsync("runtime", gateway);
        await gateway.DeployAsync("kept", code, $$"""{"name":"kept","entry":"kept{{extension}}","timeoutSeconds":300}""", extension);
        using var http = new HttpClient { BaseAddress = gateway.Url, Timeout = Toolrt.Deadline };
        var tools = await http.GetStringAsync("/v1/tools");
        var tool = tools.Contains("\"Kept\"", StringComparison.Ordinal) ? "Kept" : "kept";
        await using var call = await RunningCall.StartAsync(http, tool);
        await using var second = await Part.JoinAsync("runtime", gateway);

        await first.KillAsync();
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        var end = await call.EndAsync(deadline.Token);

        Assert.True(end.EventType == "completed", end.Data);
        Assert.Contains("step of attempt 1, at 7, attempt 2", end.Data, StringComparison.Ordinal);
    }

    /// <summary>The ack deadline and 5 s; on a machine where the first call of a function takes more than a second, five times that instead of 5 s.</summary>
    private static async Task<TimeSpan> LongestAsync(Part gateway, HttpClient http)
    {
        await gateway.DeployAsync("yardstick", "def yardstick() -> int:\n    return 1\n", """{"name":"yardstick","entry":"yardstick.py"}""");
        var began = TimeProvider.System.GetTimestamp();
        using var answer = await http.PostAsync("/v1/tools/yardstick", new StringContent("{}"));
        Assert.True(answer.IsSuccessStatusCode);
        var first = TimeProvider.System.GetElapsedTime(began);
        return s_ackDeadline + (5 * first > s_beyond ? 5 * first : s_beyond);
    }

    /// <summary>A streamed call whose code has begun.</summary>
    private sealed class RunningCall(HttpResponseMessage response, IAsyncEnumerator<SseItem<string>> events) : IAsyncDisposable
    {
        public static async Task<RunningCall> StartAsync(HttpClient http, string tool)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/tools/{tool}") { Content = new StringContent("{}") };
            request.Headers.Accept.ParseAdd("text/event-stream");
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
            var call = new RunningCall(response, events);
            using var deadline = new CancellationTokenSource(Toolrt.Deadline);
            await call.UntilAsync(e => e.EventType == "progress", deadline.Token);
            return call;
        }

        public Task<SseItem<string>> EndAsync(CancellationToken cancellationToken) => UntilAsync(e => e.EventType is "completed" or "failed" or "gone", cancellationToken);

        public async ValueTask DisposeAsync()
        {
            response.Dispose();
            await events.DisposeAsync();
        }

        private async Task<SseItem<string>> UntilAsync(Predicate<SseItem<string>> wanted, CancellationToken cancellationToken)
        {
            while (await events.MoveNextAsync().AsTask().WaitAsync(cancellationToken))
            {
                if (wanted(events.Current))
                {
                    return events.Current;
                }
            }

            throw new EndOfStreamException("the stream ended before the call did");
        }
    }
}
