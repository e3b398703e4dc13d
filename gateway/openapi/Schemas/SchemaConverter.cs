using System.Runtime.InteropServices;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>
/// A document's schema as JSON Schema 2020-12, whatever dialect and however wrong it is: keywords that mean nothing as they stand are dropped
/// (and noted), references become references to definitions, recursion stays.
/// </summary>
internal sealed class SchemaConverter(DefinitionTable table, string pointer)
{
    private const int DeepestNesting = 80;
    private const int MostMerges = 200;

    private readonly List<string> _path = [];
    private readonly List<JsonElement> _merging = [];
    private int _merges;

    /// <summary>The table that references are looked up in.</summary>
    public DefinitionTable Table { get; } = table;

    /// <summary>Names of properties that this side does not have: a base may hide what a derived schema requires.</summary>
    public HashSet<string> HiddenNames { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema; a <see cref="PartObject"/> or a <see cref="PartReference"/>.</summary>
    public SchemaPart Convert(ApiSchema schema)
    {
        var node = schema.Node;
        if (node.ValueKind == JsonValueKind.False)
        {
            return new PartObject([new("not", PartObject.Empty)]);
        }

        if (node.ValueKind != JsonValueKind.Object || _path.Count > DeepestNesting)
        {
            return PartObject.Empty;
        }

        if (Reference(node) is { } reference)
        {
            return ConvertReference(schema, reference);
        }

        return Whole(schema);
    }

    /// <summary>A schema below the present one.</summary>
    public SchemaPart Below(string name, ApiSchema schema)
    {
        _path.Add(name);
        var part = Convert(schema);
        _path.RemoveAt(_path.Count - 1);
        return part;
    }

    /// <summary>Says what was dropped from the present schema.</summary>
    public void Note(string keyword, string message) =>
        Table.Notes.Add(WarningCodes.SchemaKeywordIgnored, _path.Aggregate($"{pointer}", JsonPointer.Append) + "/" + JsonPointer.Escape(keyword), message);

    /// <summary>A member of <c>allOf</c> with its references followed, to be merged; null where that would go in a circle or on for ever.</summary>
    public SchemaPart? Expanded(ApiSchema schema)
    {
        var target = schema.Resolve();
        if (_merges++ > MostMerges || _merging.Exists(m => IsOne(m, target.Node)))
        {
            return null;
        }

        _merging.Add(target.Node);
        var part = target.Node.ValueKind == JsonValueKind.Object && Reference(target.Node) is null ? Whole(target) : PartObject.Empty;
        _merging.RemoveAt(_merging.Count - 1);
        return part;
    }

    /// <summary>Whether a property is none for this side: the server's own in arguments, the client's own in results.</summary>
    public bool IsHidden(ApiSchema property)
    {
        var keyword = Table.Side == SchemaSide.Input ? "readOnly"u8 : "writeOnly"u8;
        return Says(property.Node, keyword) || (property.Source is not null && Reference(property.Node) is not null && Says(property.Resolve().Node, keyword));
    }

    /// <summary>The text of a node's <c>$ref</c> (or <c>$dynamicRef</c>), or null.</summary>
    public static string? Reference(JsonElement node)
    {
        if (node.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return (node.TryGetProperty("$ref"u8, out var reference) || node.TryGetProperty("$dynamicRef"u8, out reference)) && reference.ValueKind == JsonValueKind.String ? reference.GetString() : null;
    }

    /// <summary>Whether both are the same place of the same text.</summary>
    private static bool IsOne(JsonElement first, JsonElement second) => JsonMarshal.GetRawUtf8Value(first) == JsonMarshal.GetRawUtf8Value(second);

    private static bool Says(JsonElement node, ReadOnlySpan<byte> keyword) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(keyword, out var value) && value.ValueKind == JsonValueKind.True;

    private SchemaPart ConvertReference(ApiSchema schema, string reference)
    {
        var definition = Table.Find(schema.Source, reference);
        if (definition is null)
        {
            Table.Notes.Add(WarningCodes.ReferenceNotFound, _path.Aggregate(pointer, JsonPointer.Append), $"the schema '{reference}' is not there; anything is allowed in its place");
        }

        if (schema.Node.GetPropertyCount() == 1)
        {
            return definition is null ? PartObject.Empty : new PartReference(definition, PartObject.Empty);
        }

        var beside = new Draft();
        foreach (var member in schema.Node.EnumerateObject())
        {
            if (Table.ReadsBesideReferences || definition is null || member.Name is "description" or "deprecated" or "default" or "nullable" or "x-nullable")
            {
                KeywordHandlers.Handle(this, beside, schema, member);
            }
        }

        var isNullable = beside.IsNullable;
        beside.IsNullable = false;
        var part = DraftFinish.Finish(beside);
        if (definition is null)
        {
            return part;
        }

        // A reference to a schema that allows null itself would be a second one to null: harmless, and found out only by following it.
        return isNullable
            ? new PartObject([.. part.Members.Where(m => m.Key is "description" or "deprecated" or "default"), new("anyOf", new PartList([new PartReference(definition, part.Without("description", "deprecated", "default")), DraftFinish.NullOnly]))])
            : new PartReference(definition, part);
    }

    private SchemaPart Whole(ApiSchema schema)
    {
        var draft = new Draft();
        foreach (var member in schema.Node.EnumerateObject())
        {
            KeywordHandlers.Handle(this, draft, schema, member);
        }

        return Combination.Complete(this, draft, schema);
    }
}
