using System.Net.Http.Headers;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Volumes;

/// <summary>The files of one volume, by its token.</summary>
internal sealed class VolumeLink
{
    private readonly AdminClient _client;
    private readonly string _id;
    private readonly string _token;

    private VolumeLink(AdminClient client, string name, JsonElement volume) => (_client, Name, _id, _token) = (client, name, volume.Text("volumeID"), volume.Text("token"));

    /// <summary>The volume's name.</summary>
    public string Name { get; }

    /// <summary>Asks for the volume's token.</summary>
    public static async Task<VolumeLink> OpenAsync(AdminClient client, string name, CancellationToken cancellationToken) =>
        new(client, name, await client.JsonAsync(HttpMethod.Get, VolumeCommands.PathOf(name), null, cancellationToken));

    /// <summary>What lies at a path, or null.</summary>
    public async Task<JsonElement?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonAsync(HttpMethod.Get, "path", path, "", null, cancellationToken);
        }
        catch (CommandFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    /// <summary>All that a folder holds, however deep.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path, CancellationToken cancellationToken) =>
        [.. (await JsonAsync(HttpMethod.Get, "dir", path, "&depth=128", null, cancellationToken)).EnumerateArray()];

    /// <summary>Makes a folder and those on the way.</summary>
    public Task MakeFolderAsync(string path, CancellationToken cancellationToken) => JsonAsync(HttpMethod.Post, "dir", path, "&force=true", null, cancellationToken);

    /// <summary>Writes a file as it comes.</summary>
    public Task WriteAsync(string path, Stream content, UnixFileMode? mode, CancellationToken cancellationToken) =>
        JsonAsync(HttpMethod.Put, "file", path, mode is { } bits ? $"&mode={(int)bits}" : "", new StreamContent(content, 128 * 1024), cancellationToken);

    /// <summary>Copies a file's content as it comes.</summary>
    public async Task ReadAsync(string path, Stream to, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, "file", path, "", null, cancellationToken);
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        await content.CopyToAsync(to, cancellationToken);
    }

    private async Task<JsonElement> JsonAsync(HttpMethod method, string kind, string path, string more, HttpContent? body, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, kind, path, more, body, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
        return document.RootElement.Clone();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string kind, string path, string more, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"/volumecontent/{_id}/{kind}?path={Uri.EscapeDataString(path)}{more}") { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        var response = await _client.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw Problem.Read(await response.Content.ReadAsStringAsync(cancellationToken), (int)response.StatusCode);
        }
    }
}
