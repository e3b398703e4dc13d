using System.Text.Json;

using Google.Protobuf;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>What <see cref="RecordingDescriptions"/> kept, asked again without the server.</summary>
internal sealed class RecordedDescriptions(DescriptionRecord record, string host) : IDescriptions
{
    /// <summary>Reads the document.</summary>
    /// <exception cref="ApiDocumentException">It is none.</exception>
    public static RecordedDescriptions Parse(ReadOnlyMemory<byte> document, string host)
    {
        try
        {
            return new RecordedDescriptions(JsonSerializer.Deserialize(document.Span, DescriptionJson.Default.DescriptionRecord) ?? throw new JsonException("null"), host);
        }
        catch (JsonException error)
        {
            throw new ApiDocumentException($"what {host} said of itself cannot be read: {error.Message}", "", "register the API again");
        }
    }

    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(record.Services);

    public Task<IReadOnlyList<ByteString>> FilesOfAsync(string symbol, CancellationToken cancellationToken) => Task.FromResult(Find(record.Symbols, symbol));

    public Task<IReadOnlyList<ByteString>> FileAsync(string name, CancellationToken cancellationToken) => Task.FromResult(Find(record.Names, name));

    private IReadOnlyList<ByteString> Find(SortedDictionary<string, List<int>> under, string name)
    {
        try
        {
            return under.TryGetValue(name, out var numbers) ? [.. numbers.Select(n => ByteString.FromBase64(record.Files[n]))] : throw TransportFaults.Bad(host, $"it sends no description of {name}");
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new ApiFaultException(ApiFaultCode.BadResponse, $"what {host} said of {name} cannot be read", innerException: error);
        }
    }
}
