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

    /// <summary>Loads what an archive of <c>docker save</c> or of the OCI layout holds.</summary>
    public async Task LoadImageAsync(Stream archive, CancellationToken cancellationToken)
    {
        using var content = new StreamContent(archive);
        content.Headers.ContentType = new("application/x-tar");
        await client.DoAsync(HttpMethod.Post, "images/load?quiet=1", content, cancellationToken);
    }

    /// <summary>Makes an image of a tar of its root file system.</summary>
    public async Task ImportImageAsync(Stream root, string repository, string tag, CancellationToken cancellationToken)
    {
        using var content = new StreamContent(root);
        content.Headers.ContentType = new("application/x-tar");
        await client.DoAsync(HttpMethod.Post, $"images/create?fromSrc=-&repo={Uri.EscapeDataString(repository)}&tag={Uri.EscapeDataString(tag)}", content, cancellationToken);
    }
}
