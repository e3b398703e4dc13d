using System.Collections.Concurrent;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>The documents that one API is split over. All are fetched before anything is read, so that reading never waits.</summary>
internal sealed class DocumentSet(IDocumentSource? source, ReadOptions options)
{
    private static readonly byte[] s_reference = "\"$ref\""u8.ToArray();

    private readonly ConcurrentDictionary<string, LoadedDocument> _documents = new(StringComparer.Ordinal);
    private readonly List<ApiWarning> _warnings = [];
    private long _bytes;

    /// <summary>What could not be had.</summary>
    public IReadOnlyList<ApiWarning> Warnings => _warnings;

    /// <summary>The document that <paramref name="address"/> names as seen from <paramref name="from"/>, or null.</summary>
    public LoadedDocument? Find(Uri? from, string address) =>
        Absolute(from, address) is { } location ? _documents.GetValueOrDefault(location.AbsoluteUri) : null;

    /// <summary>Parses the root document and, by and by, every document that one of them refers to.</summary>
    public async ValueTask<LoadedDocument> LoadAsync(ReadOnlyMemory<byte> json, Uri? location, CancellationToken cancellationToken)
    {
        var root = Add(json, location);
        var pending = new Queue<(LoadedDocument Document, ReadOnlyMemory<byte> Json)>([(root, json)]);
        var asked = new HashSet<string>(StringComparer.Ordinal);
        while (source is not null && pending.TryDequeue(out var next))
        {
            foreach (var target in Targets(next.Document, next.Json).Where(t => asked.Add(t.AbsoluteUri) && !_documents.ContainsKey(t.AbsoluteUri)))
            {
                if (await FetchAsync(source, target, cancellationToken) is { } fetched)
                {
                    pending.Enqueue((Add(fetched, target), fetched));
                }
            }
        }

        return root;
    }

    private LoadedDocument Add(ReadOnlyMemory<byte> json, Uri? location)
    {
        _bytes += json.Length;
        var root = DocumentText.Parse(json, options);
        var self = root.Text("$self") is { } own && Absolute(location, own) is { } named ? named : location;
        var document = new LoadedDocument(root, self, this);
        foreach (var name in new[] { location, self }.OfType<Uri>())
        {
            _documents.TryAdd(name.AbsoluteUri, document);
        }

        return document;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> FetchAsync(IDocumentSource from, Uri location, CancellationToken cancellationToken)
    {
        if (_documents.Count > options.MaximumDocuments || _bytes > options.MaximumTotalBytes)
        {
            throw new ApiDocumentException($"the document's references lead to more than {options.MaximumDocuments} documents or {options.MaximumTotalBytes} bytes", "", "bundle it first");
        }

        try
        {
            var json = DocumentText.ToJson(await from.ReadAsync(location, cancellationToken), options);
            DocumentText.Parse(json, options);
            return json;
        }
        catch (ApiDocumentException error)
        {
            _warnings.Add(new ApiWarning(WarningCodes.DocumentNotRead, "", $"'{location}' could not be read: {error.Message}"));
            return null;
        }
    }

    /// <summary>The other documents that one names in its references, found in the text: quicker than walking a tree of which references are a small part.</summary>
    private static IEnumerable<Uri> Targets(LoadedDocument document, ReadOnlyMemory<byte> json)
    {
        for (var at = json.Span.IndexOf(s_reference); at >= 0;)
        {
            var value = at + s_reference.Length;
            if (Reference(json.Span[value..]) is { Length: > 0 } reference && reference[0] != '#'
                && Absolute(document.Location, reference.Split('#')[0]) is { } location && location.AbsoluteUri != document.Location?.AbsoluteUri)
            {
                yield return location;
            }

            var next = json.Span[value..].IndexOf(s_reference);
            at = next < 0 ? -1 : value + next;
        }
    }

    private static string? Reference(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] != (byte)':')
        {
            return null;
        }

        text = text[1..].TrimStart(" \t\r\n"u8);
        if (text.Length < 2 || text[0] != (byte)'"' || text[1] == (byte)'#')
        {
            return null;
        }

        var end = text[1..].IndexOf((byte)'"');
        try
        {
            return end < 0 ? null : JsonElement.Parse(text[..(end + 2)]).GetString();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Uri? Absolute(Uri? from, string address)
    {
        if (from is null)
        {
            return Uri.TryCreate(address, UriKind.Absolute, out var absolute) && !absolute.IsFile ? WithoutFragment(absolute) : null;
        }

        return Uri.TryCreate(from, address, out var relative) ? WithoutFragment(relative) : null;
    }

    private static Uri WithoutFragment(Uri location) => location.Fragment.Length == 0 ? location : new Uri(location.GetLeftPart(UriPartial.Query), UriKind.Absolute);
}
