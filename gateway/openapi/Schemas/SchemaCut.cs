using System.Globalization;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>One try at writing a schema at a level of detail; given up as soon as it costs more than the budget.</summary>
internal sealed class SchemaCut(CutLevel level, string side, int budget, bool inlines)
{
    private const int Trivial = 150;
    private const int Short = 60;
    private const int Wordy = 800;
    private const int SmallDefinition = 120;
    private const int StubWords = 80;
    private const int ShownOfCutEnum = 8;

    private readonly Dictionary<Definition, int> _included = [];
    private readonly Queue<Definition> _pending = new();
    private readonly Stack<Definition> _inside = new();
    private readonly List<string> _path = [];
    private readonly bool _isWhole = level == CutLevel.All[0];
    private string _base = "";
    private int _spent;

    /// <summary>The schema with the definitions that it needs; null where it does not fit.</summary>
    public PartObject? Of(SchemaPart root, string pointer)
    {
        _base = pointer;
        if (Schema(root, 0) is not PartObject top)
        {
            return null;
        }

        var definitions = new List<KeyValuePair<string, SchemaPart>>();
        while (_spent <= budget && _pending.TryDequeue(out var next))
        {
            _base = Pointer(next);
            definitions.Add(new(next.Name, Schema(next.Part, _included[next])));
        }

        return _spent > budget ? null : definitions.Count == 0 ? top : top.With("$defs", new PartObject(definitions));
    }

    private string Pointer(Definition definition) => $"{side}/$defs/{JsonPointer.Escape(definition.Name)}";

    /// <summary>Where cutting is now.</summary>
    private string Pointer() => _path.Aggregate(_base, JsonPointer.Append);

    private SchemaPart Below(string name, SchemaPart part, int depth)
    {
        _path.Add(name);
        var cut = Schema(part, depth);
        _path.RemoveAt(_path.Count - 1);
        return cut;
    }

    private SchemaPart Schema(SchemaPart part, int depth)
    {
        if (_spent > budget)
        {
            return PartObject.Empty;
        }

        switch (part)
        {
            case PartReference reference:
                return Reference(reference, depth);
            case PartObject schema when !schema.HasReferences && (_isWhole || (schema.Size <= Trivial && level.Words >= Trivial)):
                return Spend(schema);
            case PartObject schema when depth > level.Depth && schema.Size > Short:
                return Spend(CutOff(schema, null));
            case PartObject schema:
                return Members(schema, depth);
            default:
                return Spend(part);
        }
    }

    private SchemaPart Reference(PartReference reference, int depth)
    {
        var definition = reference.Definition;
        if (!inlines && _included.ContainsKey(definition))
        {
            return Spend(reference);
        }

        if (definition.Part is { HasReferences: false, Size: <= SmallDefinition })
        {
            return Schema(reference.Inlined(), depth);
        }

        if (depth > level.Depth || (inlines && _inside.Contains(definition)))
        {
            return Spend(CutOff(reference.Inlined(), definition));
        }

        return inlines ? Inlined(reference, depth) : Included(reference, depth);
    }

    private SchemaPart Included(PartReference reference, int depth)
    {
        _included[reference.Definition] = depth;
        _pending.Enqueue(reference.Definition);
        _spent += (2 * reference.Definition.Name.Length) + 22;
        return reference.Beside.Members.Count == 0 ? reference : new PartReference(reference.Definition, Members(reference.Beside, depth));
    }

    private SchemaPart Inlined(PartReference reference, int depth)
    {
        var (outer, path) = (_base, _path.ToArray());
        _base = Pointer(reference.Definition);
        _path.Clear();
        _inside.Push(reference.Definition);
        var whole = Schema(reference.Inlined(), depth);
        _inside.Pop();
        _base = outer;
        _path.AddRange(path);
        return whole;
    }

    private PartObject Members(PartObject schema, int depth)
    {
        var members = new List<KeyValuePair<string, SchemaPart>>(schema.Members.Count);
        _spent += 2;
        foreach (var (name, value) in schema.Members)
        {
            if (_spent > budget)
            {
                return PartObject.Empty;
            }

            _spent += name.Length + 4;
            if (Keyword(name, value, depth) is { } kept)
            {
                members.Add(new(name, kept));
            }
        }

        if (schema["enum"] is PartList values && values.Items.Count > level.Values)
        {
            MarkValues(members, values);
        }

        return new PartObject(members);
    }

    private SchemaPart? Keyword(string name, SchemaPart value, int depth)
    {
        if (name is "not" or "if" or "then" or "else" && !_isWhole)
        {
            // A cut below these would allow less, not more.
            return null;
        }

        switch (value)
        {
            case PartText text when name == "description":
                return Words(text, depth);
            case PartList values when name == "enum" && values.Items.Count > level.Values:
                return null;
            case PartList when name == "examples" && !_isWhole:
                return null;
            case PartObject map when KeywordKinds.HoldsMap(name):
                return Map(name, map, depth);
            case PartList list when KeywordKinds.HoldsList(name):
                return List(name, list, depth);
            case PartObject or PartReference when KeywordKinds.HoldsOne(name):
                return Below(name, value, depth + 1);
            default:
                return Spend(value);
        }
    }

    private PartList List(string keyword, PartList list, int depth)
    {
        _path.Add(keyword);
        var items = new SchemaPart[list.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Below(i.ToString(CultureInfo.InvariantCulture), list.Items[i], depth + 1);
        }

        _path.RemoveAt(_path.Count - 1);
        return new PartList(items);
    }

    private PartObject Map(string keyword, PartObject map, int depth)
    {
        _path.Add(keyword);
        var members = new List<KeyValuePair<string, SchemaPart>>(map.Members.Count);
        foreach (var (name, value) in map.Members)
        {
            if (_spent > budget)
            {
                break;
            }

            _spent += name.Length + 4;
            members.Add(new(name, Below(name, value, depth + 1)));
        }

        _path.RemoveAt(_path.Count - 1);
        return new PartObject(members);
    }

    private SchemaPart? Words(PartText text, int depth)
    {
        var most = depth <= 1 ? level.Words * 2 : level.Words;
        if (most == 0)
        {
            return null;
        }

        return Spend(text.Value.Length <= most ? text : new PartText(CleanText.Cut(text.Value, most)));
    }

    /// <summary>An enum that is cut goes whole (a part of it would forbid values that are right); some of it is told in words.</summary>
    private void MarkValues(List<KeyValuePair<string, SchemaPart>> members, PartList values)
    {
        var pointer = JsonPointer.Append(Pointer(), "enum");
        var shown = string.Join(", ", values.Items.Take(Math.Min(ShownOfCutEnum, level.Values)).Select(v => v is PartText text ? CleanText.Cut(text.Value, 30) : ((PartValue)v).Json));
        var at = members.FindIndex(m => m.Key == "description");
        var words = $"One of {values.Items.Count.ToString(CultureInfo.InvariantCulture)} values{(shown.Length > 0 ? ": " + shown + ", …" : "")}";
        if (at >= 0 && members[at].Value is PartText { Value: var said })
        {
            members[at] = new("description", new PartText($"{said} ({words})"));
        }
        else
        {
            members.Add(new("description", new PartText(words)));
        }

        members.Add(new(SchemaFitter.Mark, new PartText($"{pointer}/@0")));
        _spent += words.Length + pointer.Length + 40;
    }

    /// <summary>The shortest that says most: the schema without its words, its type alone where that is all, else a mark.</summary>
    private PartObject CutOff(SchemaPart part, Definition? definition)
    {
        if (part is not PartObject schema)
        {
            return Stub(part, definition);
        }

        if (IsLeaf(schema))
        {
            return Leaf(schema);
        }

        var stub = Stub(schema, definition);
        return !schema.HasReferences && schema.Size <= Wordy && Wordless(schema) is var bare && bare.Size <= stub.Size ? bare : stub;
    }

    private static PartObject Wordless(PartObject schema) =>
        KeywordKinds.MapSchemas(schema.Without("description", "examples"), p => p is PartObject below ? Wordless(below) : p);

    /// <summary>Whether nothing but words and bounds would be lost.</summary>
    private static bool IsLeaf(PartObject schema) => schema["type"] is not null
        && !schema.Members.Any(m => m.Key is "enum" or "const" || KeywordKinds.HoldsOne(m.Key) || KeywordKinds.HoldsList(m.Key) || KeywordKinds.HoldsMap(m.Key));

    private PartObject Leaf(PartObject schema)
    {
        var members = schema.Members.Where(m => m.Key is "type" or "format" or "contentEncoding").ToList();
        if (schema["description"] is PartText text && Math.Min(StubWords, level.Words) is > 0 and var most)
        {
            members.Add(new("description", new PartText(CleanText.Cut(text.Value, most))));
        }

        return new PartObject(members);
    }

    /// <summary>What stands for a schema that is cut: its type, a few words, and how to get the rest.</summary>
    private PartObject Stub(SchemaPart part, Definition? definition)
    {
        var members = new List<KeyValuePair<string, SchemaPart>>(3);
        if ((part as PartObject)?["type"] is { } type)
        {
            members.Add(new("type", type));
        }

        if (level.Words > 0 && (part as PartObject)?["description"] is PartText text)
        {
            members.Add(new("description", new PartText(CleanText.Cut(text.Value, Math.Min(StubWords, level.Words)))));
        }

        members.Add(new(SchemaFitter.Mark, new PartText(definition is null ? Pointer() : Pointer(definition))));
        return new PartObject(members);
    }

    private SchemaPart Spend(SchemaPart part)
    {
        _spent += part.Size;
        return part;
    }
}
