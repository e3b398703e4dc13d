using System.Collections.Concurrent;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>One document, parsed. References are resolved when somebody asks, against where this document came from, and kept.</summary>
internal sealed class LoadedDocument(JsonElement root, Uri? location, DocumentSet set) : IReferenceSource
{
    /// <summary>How deep objects are indexed by name: <c>/components/schemas</c> may have thousands of members, those below a schema few.</summary>
    private const int IndexedDepth = 2;

    private readonly ConcurrentDictionary<string, Place?> _resolved = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Dictionary<string, JsonElement>> _indexes = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<string, JsonElement>> _anchors = new(() => Anchors(root));

    public JsonElement Root { get; } = root;

    /// <summary>Where it came from, or null where the caller gave bytes only.</summary>
    public Uri? Location { get; } = location;

    /// <inheritdoc />
    public bool TryResolve(string reference, out ApiSchema target)
    {
        var place = Find(reference);
        target = place is { } found ? new ApiSchema(found.Node, found.Document) : default;
        return target.Node.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;
    }

    /// <summary>Where a reference of this document leads, one step; null where it leads nowhere.</summary>
    public Place? Find(string reference) => _resolved.GetOrAdd(reference, static (text, self) => self.Locate(text), this);

    /// <summary>The node at the end of a chain of references, with the document it stands in; <paramref name="node"/> itself where it is no reference.</summary>
    public Place? Follow(JsonElement node)
    {
        var place = new Place(node, this);
        for (var step = 0; step < IReferenceSource.LongestChain; step++)
        {
            if (place.Node.Text("$ref") is not { } reference)
            {
                return place;
            }

            if (place.Document.Find(reference) is not { } next)
            {
                return null;
            }

            place = next;
        }

        return null;
    }

    private Place? Locate(string reference)
    {
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var (address, fragment) = hash < 0 ? (reference, "") : (reference[..hash], reference[(hash + 1)..]);
        var document = address.Length == 0 ? this : set.Find(Location, address);
        return document?.At(Uri.UnescapeDataString(fragment));
    }

    private Place? At(string fragment)
    {
        if (fragment.Length > 0 && fragment[0] != '/')
        {
            return _anchors.Value.TryGetValue(fragment, out var anchored) ? new Place(anchored, this) : null;
        }

        var present = Root;
        var (prefix, depth) = ("", 0);
        foreach (var name in JsonPointer.Split(fragment)!)
        {
            var child = present.ValueKind switch
            {
                JsonValueKind.Object when depth < IndexedDepth => Index(prefix, present).GetValueOrDefault(name),
                JsonValueKind.Array when int.TryParse(name, out var index) && index >= 0 && index < present.GetArrayLength() => present[index],
                _ => present.Member(name),
            };
            if (child.ValueKind == JsonValueKind.Undefined)
            {
                return null;
            }

            (present, prefix) = (child, depth < IndexedDepth ? JsonPointer.Append(prefix, name) : prefix);
            depth++;
        }

        return new Place(present, this);
    }

    private Dictionary<string, JsonElement> Index(string pointer, JsonElement node) => _indexes.GetOrAdd(pointer, static (_, element) =>
    {
        var index = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            index[member.Name] = member.Value;
        }

        return index;
    }, node);

    private static Dictionary<string, JsonElement> Anchors(JsonElement root)
    {
        var anchors = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var pending = new Stack<JsonElement>([root]);
        while (pending.TryPop(out var node))
        {
            foreach (var child in node.ValueKind == JsonValueKind.Object ? node.EnumerateObject().Select(m => m.Value) : node.Items())
            {
                if (child.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    pending.Push(child);
                }
            }

            if ((node.Member("$anchor") is { ValueKind: JsonValueKind.String } anchor ? anchor : node.Member("$dynamicAnchor")) is { ValueKind: JsonValueKind.String } name)
            {
                anchors.TryAdd(name.GetString()!, node);
            }
        }

        return anchors;
    }
}
