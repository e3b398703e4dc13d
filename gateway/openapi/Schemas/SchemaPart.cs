using System.Text;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>A piece of a finished schema. Immutable, so that what many tools share is made once.</summary>
internal abstract class SchemaPart
{
    /// <summary>Bytes that it takes when written, give or take escapes.</summary>
    public int Size { get; protected init; }

    /// <summary>Whether a reference stands anywhere in it.</summary>
    public bool HasReferences { get; protected init; }

    /// <summary>Whether both say the same.</summary>
    public abstract bool IsSame(SchemaPart other);
}

/// <summary>A text: a description, a format, a pattern.</summary>
internal sealed class PartText : SchemaPart
{
    public PartText(string value) => (Value, Size) = (value, Encoding.UTF8.GetByteCount(value) + 2);

    public string Value { get; }

    public override bool IsSame(SchemaPart other) => other is PartText text && text.Value == Value;
}

/// <summary>A value as JSON: a number, a boolean, an example.</summary>
internal sealed class PartValue : SchemaPart
{
    public static readonly PartValue True = new("true");
    public static readonly PartValue False = new("false");
    public static readonly PartValue Null = new("null");

    public PartValue(string json) => (Json, Size) = (json, Encoding.UTF8.GetByteCount(json));

    /// <summary>Without white space.</summary>
    public string Json { get; }

    public override bool IsSame(SchemaPart other) => other is PartValue value && value.Json == Json;
}

/// <summary>A list: of schemas, names, values.</summary>
internal sealed class PartList : SchemaPart
{
    public PartList(IReadOnlyList<SchemaPart> items)
    {
        Items = items;
        Size = 2 + items.Sum(i => i.Size + 1);
        HasReferences = items.Any(i => i.HasReferences);
    }

    public IReadOnlyList<SchemaPart> Items { get; }

    public override bool IsSame(SchemaPart other) =>
        other is PartList list && list.Items.Count == Items.Count && Items.Zip(list.Items).All(p => p.First.IsSame(p.Second));
}

/// <summary>A schema, or a map of schemas by name.</summary>
internal sealed class PartObject : SchemaPart
{
    public static readonly PartObject Empty = new([]);
    private const int Indexed = 12;
    private readonly Dictionary<string, SchemaPart>? _index;

    /// <param name="members">No two with the same name.</param>
    public PartObject(IReadOnlyList<KeyValuePair<string, SchemaPart>> members)
    {
        Members = members;
        var size = 2;
        foreach (var (name, value) in members)
        {
            size += Encoding.UTF8.GetByteCount(name) + 4 + value.Size;
            HasReferences |= value.HasReferences;
        }

        Size = size;
        _index = members.Count > Indexed ? members.ToDictionary(StringComparer.Ordinal) : null;
    }

    public IReadOnlyList<KeyValuePair<string, SchemaPart>> Members { get; }

    /// <summary>A member, or null.</summary>
    public SchemaPart? this[string name]
    {
        get
        {
            if (_index is not null)
            {
                return _index.GetValueOrDefault(name);
            }

            foreach (var member in Members)
            {
                if (member.Key == name)
                {
                    return member.Value;
                }
            }

            return null;
        }
    }

    /// <summary>The same with one member set; where it is new, as the last.</summary>
    public PartObject With(string name, SchemaPart value)
    {
        var members = new List<KeyValuePair<string, SchemaPart>>(Members.Count + 1);
        var isSet = false;
        foreach (var member in Members)
        {
            isSet |= member.Key == name;
            members.Add(member.Key == name ? new(name, value) : member);
        }

        if (!isSet)
        {
            members.Add(new(name, value));
        }

        return new PartObject(members);
    }

    /// <summary>The same without some members.</summary>
    public PartObject Without(params ReadOnlySpan<string> names)
    {
        var members = new List<KeyValuePair<string, SchemaPart>>(Members.Count);
        foreach (var member in Members)
        {
            if (!names.Contains(member.Key))
            {
                members.Add(member);
            }
        }

        return members.Count == Members.Count ? this : new PartObject(members);
    }

    public override bool IsSame(SchemaPart other) => other is PartObject same && same.Members.Count == Members.Count
        && Members.All(m => same[m.Key] is { } value && m.Value.IsSame(value));
}

/// <summary>A reference to a schema that has a name, with what is said beside it.</summary>
internal sealed class PartReference : SchemaPart
{
    public PartReference(Definition definition, PartObject beside)
    {
        (Definition, Beside) = (definition, beside);
        Size = definition.Name.Length + 18 + beside.Size;
        HasReferences = true;
    }

    public Definition Definition { get; }

    public PartObject Beside { get; }

    /// <summary>What it refers to, as if it stood here: what is said beside the reference wins.</summary>
    public SchemaPart Inlined()
    {
        if (Beside.Members.Count == 0 || Definition.Part is not PartObject target)
        {
            return Beside.Members.Count == 0 ? Definition.Part : Beside;
        }

        return SchemaMerge.Merge(Beside, target) ?? target;
    }

    public override bool IsSame(SchemaPart other) => other is PartReference same && same.Definition == Definition && same.Beside.IsSame(Beside);
}
