using Google.Protobuf;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>What a server says of itself: the server, or what was recorded of it.</summary>
internal interface IDescriptions
{
    /// <summary>The names of its services, those of reflection itself left out.</summary>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The files that describe a symbol, each as a serialised descriptor.</summary>
    Task<IReadOnlyList<ByteString>> FilesOfAsync(string symbol, CancellationToken cancellationToken);

    /// <summary>A file, and what else the server sends with it.</summary>
    Task<IReadOnlyList<ByteString>> FileAsync(string name, CancellationToken cancellationToken);
}
