using System.Text.Json;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>Images of an engine.</summary>
internal sealed class ImageOperations(DockerClient client)
{
    /// <summary>Looks at an image; null where the engine does not have it.</summary>
    public async Task<ImageInspectResponse?> InspectImageAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await client.AskAsync(HttpMethod.Get, $"images/{Uri.EscapeDataString(name)}/json", null, DockerJson.Default.ImageInspectResponse, cancellationToken);
        }
        catch (DockerApiException error) when (error.StatusCode == 404)
        {
            return null;
        }
    }

    /// <summary>Loads what an archive of <c>docker save</c> holds; engines from 25 on take one of the OCI layout too.</summary>
    /// <exception cref="DockerApiException">The engine refused it.</exception>
    public Task LoadImageAsync(Stream archive, CancellationToken cancellationToken) => SendTarAsync("images/load?quiet=1", archive, cancellationToken);

    /// <summary>Makes an image of a tar of its root file system.</summary>
    /// <exception cref="DockerApiException">The engine refused it.</exception>
    public Task ImportImageAsync(Stream root, string repository, string tag, CancellationToken cancellationToken) =>
        SendTarAsync($"images/create?fromSrc=-&repo={Uri.EscapeDataString(repository)}&tag={Uri.EscapeDataString(tag)}", root, cancellationToken);

    // The answer is a success before the work is done; how that ends stands in what follows.
    private async Task SendTarAsync(string operation, Stream tar, CancellationToken cancellationToken)
    {
        using var content = new StreamContent(tar);
        content.Headers.ContentType = new("application/x-tar");
        using var response = await client.SendAsync(HttpMethod.Post, operation, content, cancellationToken);
        await using var messages = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var message in JsonSerializer.DeserializeAsyncEnumerable(messages, DockerJson.Default.JSONMessage, topLevelValues: true, cancellationToken))
        {
            if (message?.ErrorMessage is { } error)
            {
                throw new DockerApiException((int)response.StatusCode, $"{operation}: {error}");
            }
        }
    }
}
