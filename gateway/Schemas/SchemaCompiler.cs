using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>Turns a schema into nodes. Every schema object becomes one node, so cycles of references are cycles of nodes.</summary>
internal sealed class SchemaCompiler
{
    private const int MaximumNodes = 100_000;
    private const int MaximumDepth = 256;

    private readonly JsonElement _root;
    private readonly SchemaIdentifiers _identifiers;
    private readonly Dictionary<string, SchemaNode> _nodes = new(StringComparer.Ordinal);
    private int _depth;

    public SchemaCompiler(JsonElement root)
    {
        _root = root;
        _identifiers = SchemaIdentifiers.Collect(root);
    }

    public SchemaNode Compile() => Node(_root, "");

    /// <summary>The node of the schema at <paramref name="pointer"/>; compiled once.</summary>
    public SchemaNode Node(JsonElement schema, string pointer)
    {
        if (_nodes.TryGetValue(pointer, out var known))
        {
            return known;
        }

        var node = new SchemaNode();
        _nodes[pointer] = node;
        if (_nodes.Count > MaximumNodes || ++_depth > MaximumDepth)
        {
            throw new SchemaException(pointer, $"more than {MaximumNodes} schemas or deeper than {MaximumDepth}");
        }

        switch (schema.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                node.Always = schema.ValueKind == JsonValueKind.True;
                break;
            case JsonValueKind.Object:
                Fill(node, new SchemaSource(this, schema, pointer));
                break;
            default:
                throw new SchemaException(pointer, $"a schema is an object or a boolean, not {schema.ValueKind}");
        }

        _depth--;
        return node;
    }

    /// <summary>The node that a reference at <paramref name="from"/> leads to.</summary>
    public SchemaNode Resolve(string reference, string from)
    {
        var target = _identifiers.Resolve(reference, from);
        if (target is null)
        {
            throw new SchemaException(from, $"the reference '{reference}' leads to nothing in this document; nothing is fetched from elsewhere");
        }

        return Node(target.Value.Schema, target.Value.Pointer);
    }

    private static void Fill(SchemaNode node, SchemaSource source)
    {
        foreach (var create in KeywordTable.InOrder)
        {
            if (create(source) is { } keyword)
            {
                node.Keywords.Add(keyword);
                node.NeedsParts |= keyword is UnevaluatedProperties or UnevaluatedItems;
            }
        }
    }
}
