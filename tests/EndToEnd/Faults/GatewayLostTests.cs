namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A gateway is killed while it runs a call for a running function: the function is told, and what is left of that call ends.</summary>
public sealed class GatewayLostTests
{
    private const string Session = "thesessionofthecall1";

    private const string Inner = """"
        import time

        def inner() -> int:
            """Never ends."""
            print("inner has begun", flush=True)
            time.sleep(3000)
            return 1
        """";

    private const string Outer = """"
        from toolruntime import Context

        def outer(ctx: Context) -> str:
            """Calls what never ends."""
            ctx.progress(0, 1, "begun")
            try:
                return str(ctx.tools.call("inner"))
            except Exception as error:
                return f"told: {error}"
        """";

    [Fact]
    public async Task AFunctionIsToldThatTheGatewayOfItsCallIsGone()
    {
        await using var runtime = await Part.StartAsync("runtime");
        await using var gateway = await Part.JoinAsync("gateway", runtime);
        await gateway.DeployAsync("inner", Inner, """{"name":"inner","entry":"inner.py","timeoutSeconds":3000}""");
        await gateway.DeployAsync("outer", Outer, """{"name":"outer","entry":"outer.py","timeoutSeconds":3000}""");
        using var http = new HttpClient { BaseAddress = gateway.Url, Timeout = Toolrt.Deadline };
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        var last = await BeginAsync(http, deadline.Token);
        while (!(await Toolrt.RunAsync(gateway.Data, "logs", "inner")).Output.Contains("inner has begun", StringComparison.Ordinal))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        await gateway.KillAsync();
        await gateway.UpAsync();
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/v1/tools/outer?session={Session}");
        again.Headers.Add("Last-Event-ID", last);
        using var rest = await http.SendAsync(again, deadline.Token);

        var events = await rest.Content.ReadAsStringAsync(deadline.Token);
        Assert.Contains("event: completed", events, StringComparison.Ordinal);
        Assert.Contains("told: ", events, StringComparison.Ordinal);
        Assert.Contains("it is gone", events, StringComparison.Ordinal);
    }

    /// <summary>Starts the call; the id of the event that says it has begun.</summary>
    private static async Task<string> BeginAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/tools/outer?session={Session}") { Content = new StringContent("{}") };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var id = "";
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            if (line.Contains("begun", StringComparison.Ordinal))
            {
                return id;
            }
        }

        throw new EndOfStreamException("the stream ended before the call had begun");
    }
}
