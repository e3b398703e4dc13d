using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace ToolRuntime.Benchmarks.Load;

/// <summary>A load of calls to an MCP server of the field on its standard input and output, with as many in flight as asked for.</summary>
internal sealed class PipeLoad : IDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _open = new();
    private int _last;

    private PipeLoad(Process process)
    {
        _process = process;
        _ = ReadAsync();
    }

    /// <summary>Starts a program and shakes hands.</summary>
    public static async Task<PipeLoad> StartAsync(string program, params string[] arguments)
    {
        var peer = new PipeLoad(Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" 2>/dev/null", "sh", program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        await peer.AskAsync("initialize", """{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"benchmark","version":"1"} }""");
        peer.Send("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return peer;
    }

    /// <summary>The name of its only tool.</summary>
    public async Task<string> ToolAsync() => (await AskAsync("tools/list", "{}")).GetProperty("tools").EnumerateArray().Single().GetProperty("name").GetString()!;

    /// <summary>Calls a tool of one number for some seconds; gives the calls per second and the median in milliseconds.</summary>
    public async Task<(double Rate, double P50)> LoadAsync(string tool, string arguments, int inFlight, double seconds, Random random)
    {
        var (end, times) = (Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency), new ConcurrentQueue<double>());
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(async _ =>
        {
            while (Stopwatch.GetTimestamp() < end)
            {
                var (number, sent) = (random.Next(), Stopwatch.GetTimestamp());
                var answer = await AskAsync("tools/call", $$"""{"name":"{{tool}}","arguments":{{arguments.Replace("@N@", $"{number}", StringComparison.Ordinal)}} }""");
                times.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                if (!answer.GetRawText().Contains($"m{Answers.Of(number)}m", StringComparison.Ordinal))
                {
                    throw new InvalidDataException($"{tool} of {number}: {answer.GetRawText()}");
                }
            }
        }));
        return (times.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, Figures.Percentiles.Median([.. times]));
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task<JsonElement> AskAsync(string method, string parameters)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _open[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        Send($$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}","params":{{parameters}} }""");
        var message = await answer.Task.WaitAsync(s_longest);
        return message.TryGetProperty("result", out var result) ? result : throw new InvalidDataException(message.GetRawText());
    }

    private void Send(string message)
    {
        lock (_open)
        {
            _process.StandardInput.WriteLine(message);
            _process.StandardInput.Flush();
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith('{') && JsonElement.Parse(line) is var message && message.TryGetProperty("id", out var id) && _open.TryRemove(id.GetInt32(), out var waiting))
            {
                waiting.TrySetResult(message);
            }
        }
    }
}
