using System.Formats.Tar;
using System.Text.Json;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.Gateway.Apis;

/// <summary>
/// What an API was registered with: its documents by location, overlays in their order, and the names that its tools have. As a tar it is the
/// one layer of the API's version. Reading a document that is not in it is refused: a version never changes.
/// </summary>
public sealed class ApiPackage : IDocumentSource
{
    private const string IndexFile = "index.json";
    private const string NamesFile = "names.json";
    private const long MaximumBytes = 256L << 20;

    /// <summary>Where the root document came from, absolute.</summary>
    public required Uri Root { get; init; }

    /// <summary>Documents by their absolute location, the root among them.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Documents { get; init; }

    /// <summary>Overlay documents in the order in which they are applied.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Overlays { get; init; } = [];

    /// <summary>The lock of names, or null where none was made yet.</summary>
    public ReadOnlyMemory<byte>? Names { get; init; }

    /// <summary>The same package with the names that its tools have.</summary>
    public ApiPackage With(ReadOnlyMemory<byte> names) => new() { Root = Root, Documents = Documents, Overlays = Overlays, Names = names };

    /// <summary>Whether another has the same documents and overlays.</summary>
    public bool HasSameDocuments(ApiPackage other) =>
        Root == other.Root && Documents.Count == other.Documents.Count && Overlays.Count == other.Overlays.Count
        && Documents.All(d => other.Documents.TryGetValue(d.Key, out var known) && known.Span.SequenceEqual(d.Value.Span))
        && Overlays.Zip(other.Overlays).All(o => o.First.Span.SequenceEqual(o.Second.Span));

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(Uri location, CancellationToken cancellationToken) =>
        Documents.TryGetValue(location.AbsoluteUri, out var found)
            ? ValueTask.FromResult(found)
            : throw new ApiDocumentException($"'{location}' was not there when the API was registered", "", "register the API again");

    /// <summary>Writes it as a tar; the same content gives the same bytes.</summary>
    public async Task<MemoryStream> WriteAsync(CancellationToken cancellationToken)
    {
        var stream = new MemoryStream((int)Documents.Values.Concat(Overlays).Sum(d => (long)d.Length) + (64 * 1024));
        await using (var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            var locations = Documents.Keys.Order(StringComparer.Ordinal).ToList();
            await AddAsync(tar, IndexFile, Index(locations), cancellationToken);
            for (var i = 0; i < locations.Count; i++)
            {
                await AddAsync(tar, $"documents/{i}", Documents[locations[i]], cancellationToken);
            }

            for (var i = 0; i < Overlays.Count; i++)
            {
                await AddAsync(tar, $"overlays/{i}", Overlays[i], cancellationToken);
            }

            if (Names is { } names)
            {
                await AddAsync(tar, NamesFile, names, cancellationToken);
            }
        }

        stream.Position = 0;
        return stream;
    }

    /// <summary>Reads what <see cref="WriteAsync"/> wrote, here or in a command line.</summary>
    /// <exception cref="InvalidDataException">It is not such a tar, or too large.</exception>
    public static async Task<ApiPackage> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        await using var tar = new TarReader(stream, leaveOpen: true);
        var total = 0L;
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            total += entry.Length;
            if (total > MaximumBytes)
            {
                throw new InvalidDataException($"the documents are larger than {MaximumBytes >> 20} MiB together");
            }

            var content = new byte[entry.Length];
            if (entry.DataStream is { } data)
            {
                await data.ReadExactlyAsync(content, cancellationToken);
            }

            files[entry.Name] = content;
        }

        return Read(files);
    }

    private static ApiPackage Read(Dictionary<string, ReadOnlyMemory<byte>> files)
    {
        if (!files.TryGetValue(IndexFile, out var index))
        {
            throw new InvalidDataException($"the package has no {IndexFile}");
        }

        try
        {
            using var parsed = JsonDocument.Parse(index);
            var locations = parsed.RootElement.GetProperty("locations").EnumerateArray().Select(l => l.GetString()!).ToList();
            return new ApiPackage
            {
                Root = new Uri(parsed.RootElement.GetProperty("root").GetString()!),
                Documents = locations.Select((l, i) => (l, File: files[$"documents/{i}"])).ToDictionary(d => d.l, d => d.File, StringComparer.Ordinal),
                Overlays = [.. Enumerable.Range(0, files.Count).TakeWhile(i => files.ContainsKey($"overlays/{i}")).Select(i => files[$"overlays/{i}"])],
                Names = files.TryGetValue(NamesFile, out var names) ? names : (ReadOnlyMemory<byte>?)null,
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException or ArgumentNullException)
        {
            throw new InvalidDataException($"{IndexFile} does not say which documents there are: {error.Message}", error);
        }
    }

    private byte[] Index(List<string> locations)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("root"u8, Root.AbsoluteUri);
            json.WriteStartArray("locations"u8);
            foreach (var location in locations)
            {
                json.WriteStringValue(location);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static async Task AddAsync(TarWriter tar, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await using var data = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(content, out var segment) ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false) : new MemoryStream(content.ToArray(), writable: false);
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = data, ModificationTime = DateTimeOffset.UnixEpoch }, cancellationToken);
    }
}
