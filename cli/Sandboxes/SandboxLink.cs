using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>One running sandbox, reached through its instance: its files, and its processes by the Connect protocol in JSON.</summary>
internal sealed class SandboxLink
{
    private const string EnvdPort = "49983";
    private const int MostLooks = 30;
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(100);
    private readonly AdminClient _client;
    private readonly string? _token;
    private readonly string? _user;

    private SandboxLink(AdminClient client, string id, string? token, string? user) => (_client, Id, _token, _user) = (client, id, token, user);

    /// <summary>The sandbox.</summary>
    public string Id { get; }

    /// <summary>Looks the sandbox up; says how to wake it where it is paused.</summary>
    public static async Task<SandboxLink> OpenAsync(AdminClient client, string id, string? user, CancellationToken cancellationToken)
    {
        var found = await client.JsonAsync(HttpMethod.Get, $"/sandboxes/{Uri.EscapeDataString(id)}", null, cancellationToken);
        if (found.Text("state") == "paused" && !(found.TryGetProperty("lifecycle", out var cycle) && cycle.Text("autoResume") == "true"))
        {
            throw new CommandFailedException(ExitCodes.Refused, $"sandbox {id} is paused", $"wake it with 'toolrt sandbox resume {id}'");
        }

        return new SandboxLink(client, id, found.Text("envdAccessToken") is { Length: > 0 } token ? token : null, user);
    }

    /// <summary>Calls a method that answers once.</summary>
    public async Task<JsonElement> CallAsync(string method, JsonObject body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await SendAsync(HttpMethod.Post, $"/{method}", content, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
        return document.RootElement.Clone();
    }

    /// <summary>Calls a method that answers with a stream, from which the caller reads envelopes.</summary>
    public async Task<EnvelopeReader> StreamAsync(string method, JsonObject body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(EnvelopeReader.Enclose(Encoding.UTF8.GetBytes(body.ToJsonString())));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/connect+json");
        var response = await SendAsync(HttpMethod.Post, $"/{method}", content, cancellationToken);
        return new EnvelopeReader(response, await response.Content.ReadAsStreamAsync(cancellationToken));
    }

    /// <summary>What lies at a path, or null.</summary>
    public async Task<JsonElement?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return (await CallAsync("filesystem.Filesystem/Stat", new JsonObject { ["path"] = path }, cancellationToken)).GetProperty("entry");
        }
        catch (CommandFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    /// <summary>A file's content as it comes.</summary>
    public async Task<(HttpResponseMessage Response, Stream Content)> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var response = await SendAsync(HttpMethod.Get, FilePath(path), null, cancellationToken);
        return (response, await response.Content.ReadAsStreamAsync(cancellationToken));
    }

    /// <summary>Writes a file, with the folders on its way; <paramref name="fill"/> writes the content while it goes out.</summary>
    public async Task WriteAsync(string path, Func<Stream, CancellationToken, Task> fill, CancellationToken cancellationToken)
    {
        using var content = new PushContent(fill, cancellationToken);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await SendAsync(HttpMethod.Post, FilePath(path), content, cancellationToken);
    }

    private string FilePath(string path) => $"/files?path={Uri.EscapeDataString(path)}" + (_user is null ? "" : $"&username={Uri.EscapeDataString(_user)}");

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Add("E2b-Sandbox-Id", Id);
        request.Headers.Add("E2b-Sandbox-Port", EnvdPort);
        if (_token is not null)
        {
            request.Headers.Add("X-Access-Token", _token);
        }

        // In place of the instance's key, which is nothing that a sandbox should see.
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_user}:")));
        var response = await _client.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            if (response.StatusCode == System.Net.HttpStatusCode.BadGateway)
            {
                throw await GoneAsync(cancellationToken);
            }

            throw Problem.Read(await response.Content.ReadAsStringAsync(cancellationToken), (int)response.StatusCode);
        }
    }

    /// <summary>Why the sandbox went away, as the instance tells it within a moment.</summary>
    public async Task<CommandFailedException> GoneAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var looks = 0; looks < MostLooks; looks++)
            {
                var found = await _client.JsonAsync(HttpMethod.Get, $"/sandboxes/{Uri.EscapeDataString(Id)}", null, cancellationToken);
                if (found.Text("state") == "paused")
                {
                    return new(ExitCodes.Refused, $"sandbox {Id} was paused", $"wake it with 'toolrt sandbox resume {Id}'");
                }

                await Task.Delay(s_lookAgain, cancellationToken);
            }
        }
        catch (CommandFailedException gone) when (gone.Status == 404)
        {
            return gone;
        }

        return new(ExitCodes.Refused, $"the connection to sandbox {Id} broke", "try again");
    }

    /// <summary>A body that is written while it is sent.</summary>
    private sealed class PushContent(Func<Stream, CancellationToken, Task> fill, CancellationToken cancellationToken) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => fill(stream, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
