using System.Formats.Tar;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Benchmarks.Instances;

/// <summary>The management API of one instance, as far as the benchmarks use it.</summary>
internal sealed class AdminApi(int port, string dataFolder) : IDisposable
{
    private const string ApiRoot = "file:///package/openapi.json";
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>Deploys one file under <paramref name="name"/>; <paramref name="manifest"/> is JSON that adds to what the code says.</summary>
    public async Task DeployAsync(string name, string fileName, string content, string manifest = "")
    {
        var package = new MemoryStream();
        await using (var tar = new TarWriter(package, TarEntryFormat.Pax, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, fileName)
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                Mode = (UnixFileMode)0b110_100_100,
            });
        }

        package.Position = 0;
        var query = manifest.Length > 0 ? $"&manifest={Uri.EscapeDataString(manifest)}" : "";
        using var request = Request(HttpMethod.Post, $"/admin/functions?name={name}{query}");
        request.Content = new StreamContent(package) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        using var response = await _http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode || answer.Contains("event: failed", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"deploying {name}: {(int)response.StatusCode} {answer}");
        }
    }

    /// <summary>A document as the command line packs it for <see cref="RegisterApiAsync"/>.</summary>
    public static async Task<byte[]> PackAsync(byte[] document)
    {
        var package = new MemoryStream();
        await using (var tar = new TarWriter(package, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (file, content) in new[] { ("index.json", Encoding.UTF8.GetBytes($$"""{"root":"{{ApiRoot}}","locations":["{{ApiRoot}}"]}""")), ("documents/0", document) })
            {
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(content) });
            }
        }

        return package.ToArray();
    }

    /// <summary>Registers the packed document of an HTTP API on loopback.</summary>
    public async Task RegisterApiAsync(string name, byte[] package)
    {
        using var request = Request(HttpMethod.Post, $"/admin/apis?name={name}&settings={Uri.EscapeDataString($$"""{"root":"{{ApiRoot}}","allowedHosts":["127.0.0.1"]}""")}");
        request.Content = new ByteArrayContent(package) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"registering {name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }

        await response.Content.CopyToAsync(Stream.Null);
    }

    /// <summary>Adds a remote MCP server.</summary>
    public async Task AddSourceAsync(string name, string manifest)
    {
        using var request = Request(HttpMethod.Put, $"/admin/sources/{name}");
        request.Content = new StringContent(manifest, Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"adding {name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>The answer of <c>GET /admin/status</c>.</summary>
    public async Task<JsonElement> StatusAsync()
    {
        using var request = Request(HttpMethod.Get, "/admin/status");
        using var response = await _http.SendAsync(request);
        using var document = JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var token = File.ReadAllText(Path.Combine(dataFolder, "admin.token")).Trim();
        return new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }
}
