using System.Formats.Tar;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A template is built through several gateways, as behind a balancer: one is asked for it, another gets its files, a third party starts it and asks how far it is.</summary>
public sealed class TemplateBuildTests
{
    private const string Hash = "0123456789abcdef";

    [Fact]
    public async Task ABuildIsEveryGatewaysUntilTheOneThatWorksOnItIsGone()
    {
        await using var runtime = await Part.StartAsync("runtime");
        await using var first = await Part.JoinAsync("gateway", runtime);
        await using var second = await Part.JoinAsync("gateway", runtime);
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        using var one = await ClientAsync(first, deadline.Token);
        using var other = await ClientAsync(second, deadline.Token);

        var build = await AskAsync(one, "shared", deadline.Token);
        var (isPresent, url) = await FilesAsync(one, "shared", deadline.Token);
        Assert.False(isPresent);
        using (var put = await one.PutAsync(url, new ByteArrayContent(Archive("greeting", "hello from afar")), deadline.Token))
        {
            put.EnsureSuccessStatusCode();
        }

        Assert.True((await FilesAsync(other, "shared", deadline.Token)).IsPresent);
        object copy = new { type = "COPY", args = (string[])["greeting", "."], filesHash = Hash };
        Assert.Equal(HttpStatusCode.Accepted, await StartAsync(other, "shared", build, [copy, Run("cat greeting")], deadline.Token));
        Assert.Equal(HttpStatusCode.Conflict, await StartAsync(one, "shared", build, [], deadline.Token));
        var (status, said) = await EndAsync(one, "shared", build, deadline.Token);
        Assert.True(status == "ready" && said.Contains("hello from afar", StringComparison.Ordinal), said);

        var lost = await AskAsync(one, "lost", deadline.Token);
        Assert.Equal(HttpStatusCode.Accepted, await StartAsync(other, "lost", lost, [Run("sleep 300")], deadline.Token));
        await second.KillAsync();
        (status, said) = await EndAsync(one, "lost", lost, deadline.Token);
        Assert.True(status == "error" && said.Contains("gateway that worked on it is gone", StringComparison.Ordinal), said);
    }

    private static async Task<HttpClient> ClientAsync(Part gateway, CancellationToken cancellationToken)
    {
        var http = new HttpClient { BaseAddress = gateway.Url, Timeout = Toolrt.Deadline };
        http.DefaultRequestHeaders.Add("X-API-Key", (await File.ReadAllTextAsync(Path.Combine(gateway.Data, "local.key"), cancellationToken)).Trim());
        return http;
    }

    private static async Task<string> AskAsync(HttpClient http, string name, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync("/v3/templates", new { name }, cancellationToken);
        return (await ReadAsync(answer, cancellationToken)).GetProperty("buildID").GetString()!;
    }

    private static async Task<(bool IsPresent, string Url)> FilesAsync(HttpClient http, string name, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync($"/templates/{name}/files/{Hash}", cancellationToken);
        var said = await ReadAsync(answer, cancellationToken);
        return (said.GetProperty("present").GetBoolean(), said.GetProperty("url").GetString()!);
    }

    private static async Task<HttpStatusCode> StartAsync(HttpClient http, string name, string build, object[] steps, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync($"/v2/templates/{name}/builds/{build}", new { steps }, cancellationToken);
        return answer.StatusCode;
    }

    private static async Task<(string Status, string Said)> EndAsync(HttpClient http, string name, string build, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var answer = await http.GetAsync($"/templates/{name}/builds/{build}/status", cancellationToken);
            var said = await ReadAsync(answer, cancellationToken);
            if (said.GetProperty("status").GetString() is { } status and not ("waiting" or "building"))
            {
                return (status, said.GetRawText());
            }

            await Task.Delay(200, cancellationToken);
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    private static object Run(string command) => new { type = "RUN", args = (string[])[command] };

    private static byte[] Archive(string name, string text)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        }

        return bytes.ToArray();
    }
}
