using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>A client of one Docker Engine.</summary>
internal sealed class DockerClient : IDisposable
{
    // The oldest engine of Debian 12.
    private const string ApiVersion = "v1.41";
    private readonly DockerClientConfiguration _configuration;
    private readonly HttpClient _http;

    /// <summary>Connects when it is first used.</summary>
    public DockerClient(DockerClientConfiguration configuration)
    {
        _configuration = configuration;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, token) => new NetworkStream(await ConnectAsync(token), ownsSocket: true) })
        {
            BaseAddress = new Uri("http://docker"),
            Timeout = configuration.DefaultTimeout,
        };
        Containers = new ContainerOperations(this);
        Images = new ImageOperations(this);
        System = new SystemOperations(this);
    }

    /// <summary>Containers.</summary>
    public ContainerOperations Containers { get; }

    /// <summary>Images.</summary>
    public ImageOperations Images { get; }

    /// <summary>The engine itself.</summary>
    public SystemOperations System { get; }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>A connection of its own to the engine.</summary>
    /// <exception cref="DockerApiException">Nobody listens there, or it may not be reached.</exception>
    internal async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_configuration.Socket), cancellationToken);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new DockerApiException(0, $"{_configuration.Socket}: {error.Message}", error);
        }
    }

    /// <summary>The path of an operation.</summary>
    internal static string PathOf(string operation) => $"/{ApiVersion}/{operation}";

    /// <summary>Sends a request and reads its answer.</summary>
    /// <exception cref="DockerApiException">The engine refused, or cannot be reached.</exception>
    internal async Task<T> AskAsync<T>(HttpMethod method, string operation, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, operation, content, cancellationToken);
        return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new DockerApiException((int)response.StatusCode, $"{operation}: the answer is empty");
    }

    /// <summary>Sends a request whose answer says nothing.</summary>
    /// <exception cref="DockerApiException">The engine refused, or cannot be reached.</exception>
    internal async Task DoAsync(HttpMethod method, string operation, HttpContent? content, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, operation, content, cancellationToken);
    }

    /// <summary>Sends a request; its answer is a success.</summary>
    /// <exception cref="DockerApiException">The engine refused, or cannot be reached.</exception>
    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, string operation, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, PathOf(operation)) { Content = content };
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw error.InnerException as DockerApiException ?? new DockerApiException(0, $"{operation}: {error.Message}", error);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new DockerApiException((int)response.StatusCode, $"{operation}: {await MessageAsync(response, cancellationToken)}");
        }
    }

    private static async Task<string> MessageAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(text, DockerJson.Default.ErrorResponse)?.Message ?? text;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
