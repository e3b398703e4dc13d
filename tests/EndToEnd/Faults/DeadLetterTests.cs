using System.Net;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A job costs every runtime its life that takes it, until it is given up: it is found among the dead letters, and repeated once its cause is mended.</summary>
public sealed class DeadLetterTests
{
    private const int Deliveries = 2;

    private const string Deadly = """"
        import time
        from toolruntime import Context

        def deadly(n: int, ctx: Context) -> int:
            """Never ends; its runtime is killed meanwhile."""
            ctx.progress(ctx.attempt, 9, f"attempt {ctx.attempt}")
            time.sleep(3000)
            return n
        """";

    private const string Mended = "def deadly(n: int) -> int:\n    \"\"\"Ends.\"\"\"\n    return n * 2\n";

    [Fact]
    public async Task AJobThatEndsItsRuntimesIsGivenUpKeptAndRepeated()
    {
        await using var gateway = await Part.StartAsync("gateway");
        var configuration = Path.Combine(gateway.Data, "runtime.json");
        await File.WriteAllTextAsync(configuration, $$$$"""{"version":"2.0","toolruntime":{"runtime":{"maximumDeliveries":{{{{Deliveries}}}}}}}""");
        await using var runtime = await Part.JoinAsync("runtime", gateway, configuration);
        await gateway.DeployAsync("deadly", Deadly, """{"name":"deadly","entry":"deadly.py","retry":"safe","timeoutSeconds":3000}""");
        using var http = new HttpClient { BaseAddress = gateway.Url, Timeout = Toolrt.Deadline };
        using var accepted = await http.PostAsync("/v1/tools/deadly?async=1", new StringContent("""{"n":21}""", Encoding.UTF8, "application/json"));
        var job = accepted.Headers.Location!;

        for (var attempt = 1; attempt <= Deliveries; attempt++)
        {
            await UntilAsync(http, job, j => j.TryGetProperty("progress", out var progress) && progress.GetRawText().Contains($"attempt {attempt}", StringComparison.Ordinal));
            await runtime.KillAsync();
            await runtime.UpAsync();
        }

        var failed = await UntilAsync(http, job, j => j.GetProperty("state").GetString() == "failed");
        var dead = JsonElement.Parse(await http.GetStringAsync("/v1/jobs?dead=true")).GetProperty("jobs").EnumerateArray().Single();
        var listed = await Toolrt.RunAsync(gateway.Data, "jobs", "list", "--dead");
        await gateway.DeployAsync("deadly", Mended, """{"name":"deadly","entry":"deadly.py","retry":"safe"}""");
        var replayed = await Toolrt.RunAsync(gateway.Data, "jobs", "replay", job.ToString().Split('/')[^1]);
        var again = new Uri($"/v1/jobs/{JsonElement.Parse(replayed.Output).GetProperty("id").GetString()}", UriKind.Relative);
        var completed = await UntilAsync(http, again, j => j.GetProperty("state").GetString() is "completed" or "failed");

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Contains("RuntimeLost", failed.GetProperty("fault").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(failed.GetProperty("id").GetString(), dead.GetProperty("id").GetString());
        Assert.Equal(Deliveries, dead.GetProperty("dead").GetProperty("attempts").GetInt32());
        Assert.Contains(dead.GetProperty("id").GetString()!, listed.Output, StringComparison.Ordinal);
        Assert.Equal(42, completed.GetProperty("result").GetProperty("value").GetInt32());
        Assert.Equal(dead.GetProperty("id").GetString(), completed.GetProperty("replayOf").GetString());
    }

    private static async Task<JsonElement> UntilAsync(HttpClient http, Uri job, Predicate<JsonElement> condition)
    {
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var state = JsonElement.Parse(await http.GetStringAsync(job, deadline.Token));
            if (condition(state))
            {
                return state;
            }

            await look.WaitForNextTickAsync(deadline.Token);
        }
    }
}
