using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>YAML to JSON, event by event: nothing but the JSON text and what anchors need is held.</summary>
internal sealed class YamlJson
{
    private const int EventsPerKilobyte = 512;
    private const int FewestEvents = 1_000_000;

    private readonly YamlEvents _events;
    private readonly ReadOptions _options;
    private readonly Utf8JsonWriter _writer;

    private YamlJson(IParser parser, int bytes, Utf8JsonWriter writer, ReadOptions options)
    {
        _writer = writer;
        _events = new YamlEvents(parser, Math.Max(FewestEvents, (int)Math.Min(int.MaxValue, (long)bytes / 1024 * EventsPerKilobyte)));
        _options = options;
    }

    /// <summary>The first document of <paramref name="yaml"/>.</summary>
    public static ReadOnlyMemory<byte> Convert(ReadOnlyMemory<byte> yaml, ReadOptions options)
    {
        using var reader = new StreamReader(new MemoryStream(yaml.ToArray(), writable: false), Encoding.UTF8);
        var json = new ArrayBufferWriter<byte>(64 * 1024);
        using var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = options.MaximumDepth + 1 });
        try
        {
            new YamlJson(new Parser(new Scanner(reader, skipComments: true)), yaml.Length, writer, options).Convert();
            writer.Flush();
            return json.WrittenMemory;
        }
        catch (YamlException error)
        {
            throw new ApiDocumentException($"the document is no YAML: {Reason(error)}", $"{error.Start.Line}:{error.Start.Column}", "give an OpenAPI or Swagger document in JSON or YAML");
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            // The scanner lets a few malformed texts through to the runtime's own exceptions.
            throw new ApiDocumentException($"the document is no YAML: {error.Message}", "", "give an OpenAPI or Swagger document in JSON or YAML");
        }
    }

    private static string Reason(YamlException error) => (error.InnerException?.Message ?? error.Message).TrimEnd('.');

    private void Convert()
    {
        ParsingEvent read;
        do
        {
            read = _events.Next();
            if (read is StreamEnd)
            {
                throw new ApiDocumentException("the document is empty", "", "give an OpenAPI or Swagger document in JSON or YAML");
            }
        }
        while (read is StreamStart or DocumentStart);

        Write(read, 0);
    }

    private void Write(ParsingEvent read, int depth)
    {
        if (depth >= _options.MaximumDepth)
        {
            throw _events.Refuse($"the document is nested more than {_options.MaximumDepth} deep", "flatten it");
        }

        if (_writer.BytesCommitted + _writer.BytesPending > _options.MaximumBytes)
        {
            throw _events.Refuse($"the document has more than {_options.MaximumBytes} bytes once its aliases are written out", "write fewer aliases");
        }

        switch (read)
        {
            case Scalar scalar:
                YamlScalars.Write(scalar, _writer);
                break;
            case SequenceStart:
                WriteSequence(depth);
                break;
            case MappingStart:
                _writer.WriteStartObject();
                WriteMembers(depth, new HashSet<string>(StringComparer.Ordinal), isMerged: false);
                _writer.WriteEndObject();
                break;
            default:
                throw _events.Refuse("a value is missing", "complete the document");
        }
    }

    private void WriteSequence(int depth)
    {
        _writer.WriteStartArray();
        for (var read = _events.Next(); read is not SequenceEnd; read = _events.Next())
        {
            Write(read, depth + 1);
        }

        _writer.WriteEndArray();
    }

    /// <summary>Members up to the mapping's end, then those of its merge keys (<c>&lt;&lt;</c>) that it does not have itself.</summary>
    private void WriteMembers(int depth, HashSet<string> names, bool isMerged)
    {
        List<List<ParsingEvent>>? merges = null;
        for (var read = _events.Next(); read is not MappingEnd; read = _events.Next())
        {
            if (read is not Scalar key)
            {
                throw _events.Refuse("a key is no text", "write keys as plain text");
            }

            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                (merges ??= []).Add(_events.Node());
                continue;
            }

            var name = YamlScalars.Whole(key.Value);
            if (names.Add(name))
            {
                _writer.WritePropertyName(name);
                Write(_events.Next(), depth + 1);
            }
            else if (isMerged)
            {
                _events.Node();
            }
            else
            {
                throw _events.Refuse($"the key '{name}' stands twice in one mapping", "remove one of them");
            }
        }

        foreach (var merge in merges ?? [])
        {
            Merge(merge, depth, names);
        }
    }

    private void Merge(List<ParsingEvent> merge, int depth, HashSet<string> names)
    {
        if (depth >= _options.MaximumDepth)
        {
            throw _events.Refuse($"the document is nested more than {_options.MaximumDepth} deep", "flatten it");
        }

        _events.Replay(merge);
        switch (_events.Next())
        {
            case MappingStart:
                WriteMembers(depth + 1, names, isMerged: true);
                break;
            case SequenceStart:
                MergeEach(depth, names);
                break;
            default:
                throw _events.Refuse("a merge key has a value that is no mapping", "merge mappings only");
        }
    }

    private void MergeEach(int depth, HashSet<string> names)
    {
        for (var read = _events.Next(); read is not SequenceEnd; read = _events.Next())
        {
            if (read is not MappingStart)
            {
                throw _events.Refuse("a merge key has a value that is no mapping", "merge mappings only");
            }

            WriteMembers(depth + 1, names, isMerged: true);
        }
    }
}
