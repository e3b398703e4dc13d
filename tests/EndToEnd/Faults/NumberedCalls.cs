using System.Collections.Concurrent;
using System.Text;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>Calls over every route, each with a number of its own in its arguments, by which the record is searched.</summary>
internal sealed class NumberedCalls(Uri gateway, int count) : IDisposable
{
    /// <summary>What a child call's number is above its parent's.</summary>
    public const int Child = 1_000_000;

    /// <summary>How many routes there are.</summary>
    public const int Routes = 8;

    private const int WithChild = 6;
    private const string Revision = "2026-07-28";
    private readonly HttpClient _http = new() { BaseAddress = gateway, Timeout = Toolrt.Deadline };
    private readonly ConcurrentDictionary<int, bool> _answered = new();
    private readonly ConcurrentDictionary<int, bool> _routes = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _open = Opened();
    private (int Answers, TaskCompletionSource Reached) _mark = (int.MaxValue, Opened());
    private int _next;
    private int _lost;

    /// <summary>Numbers of calls whose answer came whole, children included.</summary>
    public ICollection<int> Answered => _answered.Keys;

    /// <summary>Calls that got no answer.</summary>
    public int Lost => _lost;

    /// <summary>Routes that gave the right answer at least once: the number, or a refusal where one is due.</summary>
    public int RoutesAnswered => _routes.Count;

    /// <summary>Ends once so many calls have been answered.</summary>
    public Task ReachAsync(int answers)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _mark = (answers, reached);
        }

        Look();
        return reached.Task.WaitAsync(Toolrt.Deadline);
    }

    /// <summary>Callers that lose their gateway from here on wait until <see cref="Open"/>.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Open() => _open.TrySetResult();

    /// <summary>One caller: call after call until all numbers are used.</summary>
    public async Task RunAsync()
    {
        while (Interlocked.Increment(ref _next) is var number && number <= count)
        {
            try
            {
                await CallAsync(number);
                Look();
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref _lost);
                await _open.Task.WaitAsync(Toolrt.Deadline);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    /// <summary>The whole answer must have come: headers alone are none.</summary>
    private async Task CallAsync(int number)
    {
        var route = number % Routes;
        using var request = Request(route, number);
        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("Internal", body, StringComparison.Ordinal);
        _answered[number] = true;
        if (route is 1 or 2 or 4 or 5 || (response.IsSuccessStatusCode && body.Contains($"{number}", StringComparison.Ordinal)))
        {
            _routes[route] = true;
        }

        if (route == WithChild && response.IsSuccessStatusCode)
        {
            Assert.Contains($"{number + Child}", body, StringComparison.Ordinal);
            _answered[number + Child] = true;
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_answered.Count >= _mark.Answers)
            {
                _mark.Reached.TrySetResult();
            }
        }
    }

    private static HttpRequestMessage Request(int route, int number) => route switch
    {
        0 => Plain("echo", $$"""{"n":{{number}}}"""),
        1 => Plain("echo", $$"""{"n":"{{number}}"}"""),
        2 => Plain("nobody", $$"""{"n":{{number}}}"""),
        3 => Mcp("echo", $$"""{"n":{{number}}}"""),
        4 => Mcp("echo", $$"""{"n":"{{number}}"}"""),
        5 => Mcp("nobody", $$"""{"n":{{number}}}"""),
        WithChild => Plain("outer", $$"""{"n":{{number}}}"""),
        _ => Plain("served?session=onesessionofallcalls1", $$"""{"n":{{number}}}"""),
    };

    private static HttpRequestMessage Plain(string tool, string arguments) =>
        new(HttpMethod.Post, $"/v1/tools/{tool}") { Content = new StringContent(arguments, Encoding.UTF8, "application/json") };

    private static HttpRequestMessage Mcp(string tool, string arguments)
    {
        var body = $$$"""
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}},
            "_meta":{"io.modelcontextprotocol/protocolVersion":"{{{Revision}}}","io.modelcontextprotocol/clientCapabilities":{} } } }
            """;
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", Revision);
        request.Headers.TryAddWithoutValidation("Mcp-Method", "tools/call");
        request.Headers.TryAddWithoutValidation("Mcp-Name", tool);
        return request;
    }
}
