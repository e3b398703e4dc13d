using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>JSON values, each after a piece of text, written straight from the arguments a block at a time, so that a large argument is not copied whole.</summary>
internal sealed class JsonBody : RequestBody
{
    private const int Block = 16 * 1024;

    private readonly IReadOnlyList<(byte[] Before, JsonElement Value)> _parts;
    private readonly byte[] _end;

    private JsonBody(IReadOnlyList<(byte[] Before, JsonElement Value)> parts, byte[] end) => (_parts, _end) = (parts, end);

    public override long? Length => _parts.Sum(p => p.Before.Length + CompactJson.Length(p.Value)) + _end.Length;

    /// <summary>One value.</summary>
    public static JsonBody Of(JsonElement value, string contentType) => new([([], value)], []) { ContentType = Charset.Utf8(contentType) };

    /// <summary>An object of the members.</summary>
    public static JsonBody Of(IEnumerable<(string Name, JsonElement Value)> members, string contentType)
    {
        var parts = new List<(byte[] Before, JsonElement Value)>();
        foreach (var (name, value) in members)
        {
            parts.Add((Encoding.UTF8.GetBytes($"{(parts.Count == 0 ? "{" : ",")}\"{JsonEncodedText.Encode(name)}\":"), value));
        }

        return new(parts, parts.Count == 0 ? [.. "{}"u8] : [.. "}"u8]) { ContentType = Charset.Utf8(contentType) };
    }

    /// <summary>One value after another: <c>application/x-ndjson</c>, or <c>application/json-seq</c> with its record separators (RFC 7464).</summary>
    public static JsonBody Sequence(JsonElement values, bool hasSeparators, string contentType)
    {
        var parts = new List<(byte[] Before, JsonElement Value)>();
        foreach (var value in values.ValueKind == JsonValueKind.Array ? values.EnumerateArray().ToList() : [values])
        {
            parts.Add(([.. parts.Count == 0 ? ""u8 : "\n"u8, .. hasSeparators ? "\u001e"u8 : ""u8], value));
        }

        return new(parts, parts.Count == 0 ? [] : [.. "\n"u8]) { ContentType = Charset.Utf8(contentType) };
    }

    public override async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            foreach (var (before, value) in _parts)
            {
                await target.WriteAsync(before, cancellationToken);
                var json = new CompactJson(value);
                while (json.Read(block) is > 0 and var read)
                {
                    await target.WriteAsync(block.AsMemory(0, read), cancellationToken);
                }
            }

            await target.WriteAsync(_end, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
