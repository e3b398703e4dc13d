using System.Text.Json;

using Google.Protobuf;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Passes questions on and keeps the answers.</summary>
internal sealed class RecordingDescriptions(IDescriptions server) : IDescriptions
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private DescriptionRecord _record = new([], new(StringComparer.Ordinal), new(StringComparer.Ordinal), []);

    /// <summary>What was answered, as UTF-8 JSON; the same answers give the same bytes.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(_record, DescriptionJson.Default.DescriptionRecord);

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var services = await server.ListAsync(cancellationToken);
        _record = _record with { Services = services };
        return services;
    }

    public async Task<IReadOnlyList<ByteString>> FilesOfAsync(string symbol, CancellationToken cancellationToken) =>
        Keep(_record.Symbols, symbol, await server.FilesOfAsync(symbol, cancellationToken));

    public async Task<IReadOnlyList<ByteString>> FileAsync(string name, CancellationToken cancellationToken) =>
        Keep(_record.Names, name, await server.FileAsync(name, cancellationToken));

    private IReadOnlyList<ByteString> Keep(SortedDictionary<string, List<int>> under, string name, IReadOnlyList<ByteString> files)
    {
        under[name] = [.. files.Select(Number)];
        return files;
    }

    private int Number(ByteString file)
    {
        var text = file.ToBase64();
        if (!_numbers.TryGetValue(text, out var number))
        {
            number = _numbers[text] = _record.Files.Count;
            _record.Files.Add(text);
        }

        return number;
    }
}
