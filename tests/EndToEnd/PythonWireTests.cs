using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>What E2B's Python SDKs ask for that the JavaScript ones do not, as they send it: watches that are fetched in turns, times with fractions, ids that are read as UUIDs.</summary>
[Collection(SandboxInstanceTests.Name)]
public sealed class PythonWireTests(RunningInstance instance) : IAsyncLifetime
{
    private const string Filesystem = "/filesystem.Filesystem/";
    private readonly HttpClient _http = new() { BaseAddress = instance.Url, Timeout = Toolrt.Deadline };
    private string _sandbox = "";

    public async ValueTask InitializeAsync()
    {
        _http.DefaultRequestHeaders.Add("X-API-Key", (await File.ReadAllTextAsync(Path.Combine(instance.Data, "local.key"))).Trim());
        _sandbox = (await SayAsync("/sandboxes", new { templateID = "base", timeout = 120 })).GetProperty("sandboxID").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        using var ended = await _http.DeleteAsync($"/sandboxes/{_sandbox}");
        _http.Dispose();
    }

    [Fact]
    public async Task AWatcherTellsWhatWasDoneUntilItIsRemovedWhichIsOnce()
    {
        var watcher = new { watcherId = (await AskAsync("CreateWatcher", new { path = "/home/user" })).GetProperty("watcherId").GetString() };
        await WriteAsync("made");
        var told = new List<string>();
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        while (told.Count < 3)
        {
            deadline.Token.ThrowIfCancellationRequested();
            told.AddRange((await AskAsync("GetWatcherEvents", watcher)).GetProperty("events").EnumerateArray().Select(e => $"{e.GetProperty("name")} {e.GetProperty("type")}"));
        }

        Assert.Equal(["made EVENT_TYPE_CREATE", "made EVENT_TYPE_CHMOD", "made EVENT_TYPE_WRITE"], told);
        await AskAsync("RemoveWatcher", watcher);
        foreach (var method in (string[])["RemoveWatcher", "GetWatcherEvents"])
        {
            using var answer = await _http.SendAsync(Inside(Filesystem + method, JsonContent.Create(watcher)));
            Assert.Equal((HttpStatusCode.NotFound, "not_found"), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()));
        }
    }

    [Theory]
    [InlineData(Filesystem + "WatchDir", """{"path":"/home/user"}""")]
    [InlineData("/process.Process/Start", """{"process":{"cmd":"sleep","args":["60"]}}""")]
    public async Task AStreamEndsWhenItsTimeIsOverWhichMayHaveAFraction(string path, string message)
    {
        using var request = Streaming(path, message);
        request.Headers.Add("Connect-Timeout-Ms", "1500.0");

        using var answer = await _http.SendAsync(request);

        Assert.Contains("deadline_exceeded", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MuchInputArrivesWhole()
    {
        using var answer = await _http.SendAsync(Streaming("/process.Process/Start", """{"process":{"cmd":"sh","args":["-c","head -c 2000000 | wc -c"]},"stdin":true,"tag":"counts"}"""), HttpCompletionOption.ResponseHeadersRead);
        using var taken = await _http.SendAsync(Inside("/process.Process/SendInput", JsonContent.Create(new { process = new { tag = "counts" }, input = new { stdin = new byte[2_000_000] } })));

        Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync());
        Assert.Contains(Convert.ToBase64String("2000000\n"u8), await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASnapshotIsListedByItsNameWithItsTagToo()
    {
        var id = (await SayAsync($"/sandboxes/{_sandbox}/snapshots", new { name = "seen-by-python" })).GetProperty("snapshotID").GetString()!;

        foreach (var name in (string[])["seen-by-python", "seen-by-python:default", id])
        {
            Assert.Equal(id, Assert.Single((await LookAsync($"/snapshots?name={name}")).EnumerateArray()).GetProperty("snapshotID").GetString());
        }

        using var removed = await _http.DeleteAsync($"/templates/{id}");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
    }

    [Fact]
    public async Task ABuildsIdIsAUuidWhereverItStandsAndItsTemplateNeedsNoDefaultTag()
    {
        var id = (await SayAsync("/v3/templates", new { name = "of-python:v1" })).GetProperty("buildID").GetString()!;
        Assert.True(Guid.TryParseExact(id, "D", out _), id);

        await SayAsync($"/v2/templates/of-python/builds/{id}", new { steps = (string[])[] });
        JsonElement told;
        do
        {
            told = await LookAsync($"/templates/of-python/builds/{id}/status");
        }
        while (told.GetProperty("status").GetString() is "waiting" or "building");
        var tagged = await SayAsync("/templates/tags", new { target = "of-python:v1", tags = (string[])["stable"] });
        var tags = await LookAsync("/templates/of-python/tags");
        var listed = (await LookAsync("/v2/templates")).EnumerateArray().Single(t => t.GetProperty("templateID").GetString() == "of-python");

        Assert.Equal("ready", told.GetProperty("status").GetString());
        Assert.All([told, tagged, listed, .. tags.EnumerateArray()], t => Assert.Equal(id, t.GetProperty("buildID").GetString()));
        Assert.Equal("of-python", (await LookAsync("/templates/aliases/of-python")).GetProperty("templateID").GetString());
        using var removed = await _http.DeleteAsync("/templates/of-python");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
    }

    private HttpRequestMessage Inside(string path, HttpContent content) => new(HttpMethod.Post, path) { Content = content, Headers = { { "E2b-Sandbox-Id", _sandbox }, { "E2b-Sandbox-Port", "49983" } } };

    private HttpRequestMessage Streaming(string path, string message)
    {
        var text = Encoding.UTF8.GetBytes(message);
        var envelope = new byte[5 + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(envelope.AsSpan(1), text.Length);
        text.CopyTo(envelope, 5);
        return Inside(path, new ByteArrayContent(envelope) { Headers = { ContentType = new MediaTypeHeaderValue("application/connect+json") } });
    }

    private async Task<JsonElement> AskAsync(string method, object body)
    {
        using var answer = await _http.SendAsync(Inside(Filesystem + method, JsonContent.Create(body)));
        return await ReadAsync(answer);
    }

    private async Task WriteAsync(string name)
    {
        using var answer = await _http.SendAsync(Inside($"/files?path={name}", new MultipartFormDataContent { { new StringContent("text"), "file", name } }));
        await ReadAsync(answer);
    }

    private async Task<JsonElement> SayAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        return await ReadAsync(answer);
    }

    private async Task<JsonElement> LookAsync(string path)
    {
        using var answer = await _http.GetAsync(path);
        return await ReadAsync(answer);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
