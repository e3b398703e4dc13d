using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>Containers of an engine.</summary>
internal sealed class ContainerOperations(DockerClient client)
{
    private const int LongestHead = 16 * 1024;

    /// <summary>Makes a container of a name; its id.</summary>
    public async Task<string> CreateContainerAsync(string name, CreateContainerParameters parameters, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(parameters, DockerJson.Default.CreateContainerParameters);
        // Chunked bodies are refused by engines behind some proxies.
        await content.LoadIntoBufferAsync(cancellationToken);
        return (await client.AskAsync(HttpMethod.Post, $"containers/create?name={Uri.EscapeDataString(name)}", content, DockerJson.Default.CreateContainerResponse, cancellationToken)).Id;
    }

    /// <summary>Starts a container.</summary>
    public Task StartContainerAsync(string id, CancellationToken cancellationToken) => client.DoAsync(HttpMethod.Post, $"containers/{id}/start", null, cancellationToken);

    /// <summary>Looks at a container.</summary>
    public Task<ContainerInspectResponse> InspectContainerAsync(string id, CancellationToken cancellationToken) =>
        client.AskAsync(HttpMethod.Get, $"containers/{id}/json", null, DockerJson.Default.ContainerInspectResponse, cancellationToken);

    /// <summary>The containers that have a label, ended ones too.</summary>
    public async Task<IReadOnlyList<ContainerListResponse>> ListContainersAsync(string label, CancellationToken cancellationToken)
    {
        var filters = Uri.EscapeDataString($$"""{"label":["{{label}}"]}""");
        return await client.AskAsync(HttpMethod.Get, $"containers/json?all=true&filters={filters}", null, DockerJson.Default.ListContainerListResponse, cancellationToken);
    }

    /// <summary>Ends a container and removes it with what it wrote; one that is gone is no error.</summary>
    public async Task RemoveContainerAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await client.DoAsync(HttpMethod.Delete, $"containers/{id}?force=true&v=true", null, cancellationToken);
        }
        catch (DockerApiException error) when (error.StatusCode is 404 or 409)
        {
            // 409: somebody else removes it already.
            return;
        }
    }

    /// <summary>Standard input and output of a container that was not started yet.</summary>
    /// <exception cref="DockerApiException">The engine refused.</exception>
    public async Task<MultiplexedStream> AttachContainerAsync(string id, CancellationToken cancellationToken)
    {
        var socket = await client.ConnectAsync(cancellationToken);
        try
        {
            var request = $"POST {DockerClient.PathOf($"containers/{id}/attach")}?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n";
            await socket.SendAsync(Encoding.ASCII.GetBytes(request), SocketFlags.None, cancellationToken);
            var head = await ReadHeadAsync(socket, cancellationToken);
            var status = head.Split(' ') is [_, var code, ..] && int.TryParse(code, out var number) ? number : 0;
            return status is 101 or 200 ? new MultiplexedStream(socket) : throw new DockerApiException(status, $"attaching to container {id} was refused: {head.Split('\r')[0]}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Byte by byte: what follows the head belongs to the stream.
    private static async Task<string> ReadHeadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < LongestHead && !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await socket.ReceiveAsync(one, SocketFlags.None, cancellationToken) == 0)
            {
                throw new DockerApiException(0, "the engine closed the connection");
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
