using System.Text;

using ToolRuntime.Tests.Integration;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>The gateway's process is killed at random under 1,000 calls over all routes: no answered call lacks its pair in the record.</summary>
public sealed class RecordTests(ITestOutputHelper output)
{
    private const int Calls = 1000;
    private const int Callers = 8;
    private const int Kills = 4;

    private const string Echo = """"
        def echo(n: int) -> int:
            """Gives n back."""
            return n
        """";

    private const string Outer = """"
        from toolruntime import Context

        def outer(n: int, ctx: Context) -> int:
            """Asks echo for a number that only this call asks for."""
            return ctx.tools.call("echo", n=n + 1000000)
        """";

    /// <summary>Its calls do not go through the queue: the gateway speaks to it, and writes their record itself.</summary>
    private const string Server = """"
        import json, sys
        for line in sys.stdin:
            asked = json.loads(line)
            if "id" not in asked:
                continue
            method = asked["method"]
            if method == "initialize":
                result = {"protocolVersion": asked["params"]["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "served", "version": "1"}}
            elif method == "tools/list":
                result = {"tools": [{"name": "served", "inputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}]}
            elif method == "tools/call":
                result = {"content": [{"type": "text", "text": str(asked["params"]["arguments"]["n"])}]}
            else:
                result = {}
            print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
        """";

    [Fact]
    public async Task NoAnsweredCallLacksItsPair()
    {
        var seed = TestSeed.Next();
        output.WriteLine(TestSeed.Replay(seed));
        await using var runtime = await Part.StartAsync("runtime");
        await using var gateway = await Part.JoinAsync("gateway", runtime);
        await gateway.DeployAsync("echo", Echo, """{"name":"echo","entry":"echo.py","timeoutSeconds":120}""");
        await gateway.DeployAsync("outer", Outer, """{"name":"outer","entry":"outer.py","timeoutSeconds":120}""");
        await DeployServerAsync(gateway);

        using var load = new NumberedCalls(gateway.Url, Calls);
        var callers = Enumerable.Range(0, Callers).Select(_ => load.RunAsync()).ToList();
        await KillAtRandomAsync(gateway, load, new Random(seed));
        await Task.WhenAll(callers);

        output.WriteLine($"{load.Answered.Count} of {Calls} calls and their children answered, {load.Lost} calls lost to {Kills} kills");
        Assert.InRange(load.Lost, 1, Kills * Callers);
        Assert.Equal(NumberedCalls.Routes, load.RoutesAnswered);
        await using var record = await AuditRecord.OpenAsync(runtime);
        var missing = await record.MissingPairsAsync(load.Answered);
        output.WriteLine($"without a pair: {string.Join(", ", missing)}");
        Assert.Empty(missing);
    }

    private static async Task DeployServerAsync(Part gateway)
    {
        var code = Convert.ToBase64String(Encoding.UTF8.GetBytes(Server));
        var result = await Toolrt.RunAsync(gateway.Data, "deploy", "--name", "served", "--mcp", $"python3 -c \"exec(__import__('base64').b64decode('{code}'))\"");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    /// <summary>Waits for a random number of answers before each kill; callers that find no gateway wait for the next one.</summary>
    private static async Task KillAtRandomAsync(Part gateway, NumberedCalls load, Random random)
    {
        foreach (var answers in Enumerable.Range(0, Kills).Select(i => (i * Calls / (Kills + 1)) + random.Next(20, Calls / (Kills + 1))).ToList())
        {
            await load.ReachAsync(answers);
            load.Close();
            await gateway.KillAsync();
            await gateway.UpAsync();
            load.Open();
        }
    }
}
