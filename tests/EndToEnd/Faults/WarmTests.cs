using System.Net;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary><c>/readyz</c> and functions that are to be warm. What keeps a sandbox from standing here is a secret that no gateway gives yet.</summary>
public sealed class WarmTests
{
    private const string Code = "import os\n\ndef held() -> str:\n    \"\"\"Tells.\"\"\"\n    return os.environ[\"TOKEN\"]\n";

    [Fact]
    public async Task ARestartIsReadyOnceAWarmSandboxStandsAndSaysUntilThenWhyNot()
    {
        await using var runtime = await Part.StartAsync("runtime");
        await using var gateway = await Part.JoinAsync("gateway", runtime);
        await SetSecretAsync(gateway);
        await gateway.DeployAsync("held", Code, """{"name":"held","entry":"held.py","pool":{"warm":true},"secrets":["TOKEN"]}""");
        await gateway.KillAsync();
        await runtime.KillAsync();
        using var http = new HttpClient { Timeout = Toolrt.Deadline };

        await runtime.UpAsync();
        using var before = await http.GetAsync(new Uri(runtime.Url, "/readyz"));
        var why = await before.Content.ReadAsStringAsync();
        await gateway.UpAsync();
        await ReadyAsync(http, runtime);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, before.StatusCode);
        Assert.Contains("held", why, StringComparison.Ordinal);
        var pool = await PoolAsync(gateway, "held");
        Assert.Equal(1, pool.GetProperty("sandboxes").GetInt32());
        Assert.Equal(0, pool.GetProperty("inFlight").GetInt32());
    }

    private static async Task SetSecretAsync(Part gateway)
    {
        var set = await Toolrt.RunAsync(gateway.Data, "value", ["secrets", "set", "TOKEN"]);
        Assert.True(set.ExitCode == 0, set.ToString());
    }

    private static async Task ReadyAsync(HttpClient http, Part part)
    {
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        while (true)
        {
            using var answer = await http.GetAsync(new Uri(part.Url, "/readyz"), deadline.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
        }
    }

    private static async Task<JsonElement> PoolAsync(Part gateway, string function)
    {
        var status = await Toolrt.RunAsync(gateway.Data, "status", "--json");
        Assert.True(status.ExitCode == 0, status.ToString());
        using var document = JsonDocument.Parse(status.Output);
        return document.RootElement.GetProperty("runtime").GetProperty("functions").EnumerateArray().Single(f => f.GetProperty("function").GetString() == function).Clone();
    }
}
