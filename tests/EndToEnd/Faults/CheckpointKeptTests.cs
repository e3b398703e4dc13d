namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A runtime is killed under a call that has written a checkpoint: another goes on from there, in every language.</summary>
public sealed class CheckpointKeptTests
{
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
}
