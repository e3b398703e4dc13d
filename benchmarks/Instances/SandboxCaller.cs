using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ToolRuntime.Benchmarks.Instances;

/// <summary>A client of the sandboxes of one instance, by E2B's protocol as its SDKs speak it.</summary>
internal sealed class SandboxCaller : IDisposable
{
    private const string Envd = "49983";
    private const string Interpreter = "49999";
    private static readonly TimeSpan s_longestBuild = TimeSpan.FromMinutes(8);
    private readonly HttpClient _http;

    public SandboxCaller(Instance instance)
    {
        _http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{instance.Port}"), Timeout = TimeSpan.FromMinutes(5) };
        _http.DefaultRequestHeaders.Add("X-API-KEY", File.ReadAllText(Path.Combine(instance.DataFolder, "local.key")).Trim());
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Makes a volume; a quota of 0 is none.</summary>
    public async Task MakeVolumeAsync(string name, int quotaMiB) =>
        (await _http.PostAsJsonAsync("/volumes", new Dictionary<string, object> { ["name"] = name, ["quotaMiB"] = quotaMiB })).EnsureSuccessStatusCode().Dispose();

    /// <summary>Runs a command to its end; milliseconds.</summary>
    public async Task<double> TimeAsync(Sandbox sandbox, string command)
    {
        var start = Stopwatch.GetTimestamp();
        await StreamAsync(sandbox, command);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Makes and ends sandboxes until one can be had: an image is built at its first use, which takes minutes.</summary>
    public async Task PrepareAsync(string template)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                var (sandbox, _) = await CreateAsync(template);
                await KillAsync(sandbox);
                return;
            }
            catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.ServiceUnavailable && Stopwatch.GetElapsedTime(start) < s_longestBuild)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    /// <summary>Makes a sandbox, with a volume at <c>/data</c> where one is named; how long that took, milliseconds.</summary>
    public async Task<(Sandbox Sandbox, double Took)> CreateAsync(string template, string? volume = null)
    {
        var start = Stopwatch.GetTimestamp();
        using var response = await _http.PostAsJsonAsync("/v2/sandboxes", new Dictionary<string, object>
        {
            ["templateID"] = template,
            ["timeout"] = 600,
            ["volumeMounts"] = volume is null ? [] : new[] { new Dictionary<string, string> { ["name"] = volume, ["path"] = "/data" } },
        });
        var made = JsonElement.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync());
        return (new Sandbox(made.GetProperty("sandboxID").GetString()!, made.GetProperty("envdAccessToken").GetString()!), Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Ends a sandbox.</summary>
    public async Task KillAsync(Sandbox sandbox) => (await _http.DeleteAsync($"/sandboxes/{sandbox.Id}")).EnsureSuccessStatusCode().Dispose();

    /// <summary>Suspends a sandbox with its memory.</summary>
    public async Task PauseAsync(Sandbox sandbox) => (await _http.PostAsJsonAsync($"/sandboxes/{sandbox.Id}/pause", new Dictionary<string, object>())).EnsureSuccessStatusCode().Dispose();

    /// <summary>Runs code; its main result, checked to be <paramref name="expected"/>, and how long that took, milliseconds.</summary>
    public async Task<double> RunCodeAsync(Sandbox sandbox, string code, string expected)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/execute") { Content = JsonContent.Create(new Dictionary<string, string> { ["code"] = code }) };
        using var response = await SendAsync(request, sandbox, Interpreter, HttpCompletionOption.ResponseContentRead);
        var lines = await response.Content.ReadAsStringAsync();
        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return lines.Contains($"\"text\":\"{expected}\"", StringComparison.Ordinal) || lines.Contains($"\"text\": \"{expected}\"", StringComparison.Ordinal) ? took : throw new InvalidDataException($"{code} gave {lines}");
    }

    /// <summary>Runs a command and reads what it prints; how many bytes of stream came, and the bytes a second.</summary>
    public async Task<(long Bytes, double Rate)> StreamAsync(Sandbox sandbox, string command)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["process"] = new Dictionary<string, object> { ["cmd"] = "/bin/bash", ["args"] = new[] { "-c", command } }, ["stdin"] = false });
        byte[] envelope = [0, (byte)(json.Length >> 24), (byte)(json.Length >> 16), (byte)(json.Length >> 8), (byte)json.Length, .. json];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/process.Process/Start") { Content = new ByteArrayContent(envelope) };
        request.Content.Headers.ContentType = new("application/connect+json");
        var start = Stopwatch.GetTimestamp();
        using var response = await SendAsync(request, sandbox, Envd, HttpCompletionOption.ResponseHeadersRead);
        var bytes = await CountAsync(await response.Content.ReadAsStreamAsync());
        return (bytes, bytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Uploads zeroes; bytes a second.</summary>
    public async Task<double> UploadAsync(Sandbox sandbox, string path, int bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/files?path={path}") { Content = new ByteArrayContent(new byte[bytes]) };
        request.Content.Headers.ContentType = new("application/octet-stream");
        var start = Stopwatch.GetTimestamp();
        using var response = await SendAsync(request, sandbox, Envd, HttpCompletionOption.ResponseContentRead);
        return bytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Downloads a file; bytes a second.</summary>
    public async Task<double> DownloadAsync(Sandbox sandbox, string path, int expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/files?path={path}");
        var start = Stopwatch.GetTimestamp();
        using var response = await SendAsync(request, sandbox, Envd, HttpCompletionOption.ResponseHeadersRead);
        var bytes = await CountAsync(await response.Content.ReadAsStreamAsync());
        return bytes == expected ? bytes / Stopwatch.GetElapsedTime(start).TotalSeconds : throw new InvalidDataException($"{bytes} bytes came of {expected}");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Sandbox sandbox, string port, HttpCompletionOption until)
    {
        request.Headers.Add("E2b-Sandbox-Id", sandbox.Id);
        request.Headers.Add("E2b-Sandbox-Port", port);
        request.Headers.Add("X-Access-Token", sandbox.Token);
        var response = await _http.SendAsync(request, until);
        return response.IsSuccessStatusCode ? response : throw new InvalidDataException($"{request.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    private static async Task<long> CountAsync(Stream stream)
    {
        var buffer = new byte[256 * 1024];
        var count = 0L;
        while (await stream.ReadAsync(buffer) is var read and > 0)
        {
            count += read;
        }

        return count;
    }

    /// <summary>A sandbox.</summary>
    internal sealed record Sandbox(string Id, string Token);
}
