using System.Globalization;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>Finds what a mark stands for.</summary>
internal static class SchemaNavigator
{
    private const int MostDefinitions = 20_000;

    /// <summary>The part below <paramref name="root"/> that <paramref name="pointer"/> (without its <c>/input</c> or <c>/output</c>) names; null where there is none.</summary>
    public static SchemaPart? Find(SchemaPart root, DefinitionTable table, string pointer)
    {
        if (JsonPointer.Split(pointer) is not { } tokens)
        {
            return null;
        }

        SchemaPart? present = root;
        SchemaPart? above = null;
        var start = 0;
        if (tokens is ["$defs", var name, ..])
        {
            (present, start) = ((table.Named(name) ?? Search(root, name))?.Part, 2);
        }

        for (var i = start; i < tokens.Length && present is not null; i++)
        {
            present = present is PartReference reference ? reference.Inlined() : present;
            (present, above) = (Step(present, above, tokens[i]), present);
        }

        return present is PartReference last ? last.Inlined() : present;
    }

    private static SchemaPart? Step(SchemaPart present, SchemaPart? above, string token) => present switch
    {
        PartObject map when map[token] is { } member => member,
        PartObject map when From(token) is { } from => new PartObject([new("type", new PartText("object")), new("properties", new PartObject([.. Ordered(map, above).Skip(from)]))]),
        PartList list when int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Items.Count => list.Items[index],
        PartList list when From(token) is { } from => new PartList([.. list.Items.Skip(from)]),
        _ => null,
    };

    private static int? From(string token) => token.StartsWith('@') && int.TryParse(token.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : null;

    /// <summary>Properties in the order in which they are sliced: the required ones first.</summary>
    private static IEnumerable<KeyValuePair<string, SchemaPart>> Ordered(PartObject properties, SchemaPart? schema)
    {
        var required = (schema as PartObject)?["required"] is PartList names ? names.Items.OfType<PartText>().Select(t => t.Value).ToHashSet(StringComparer.Ordinal) : [];
        return properties.Members.Where(m => required.Contains(m.Key)).Concat(properties.Members.Where(m => !required.Contains(m.Key)));
    }

    /// <summary>A definition that nobody asked for since the start: looked for behind the references.</summary>
    private static Definition? Search(SchemaPart root, string name)
    {
        var seen = new HashSet<Definition>();
        var pending = new Stack<SchemaPart>([root]);
        while (pending.TryPop(out var part) && seen.Count < MostDefinitions)
        {
            switch (part)
            {
                case PartReference reference:
                    pending.Push(reference.Beside);
                    if (reference.Definition.Name == name)
                    {
                        return reference.Definition;
                    }

                    if (seen.Add(reference.Definition))
                    {
                        pending.Push(reference.Definition.Part);
                    }

                    break;
                case PartObject { HasReferences: true } map:
                    map.Members.ToList().ForEach(m => pending.Push(m.Value));
                    break;
                case PartList { HasReferences: true } list:
                    list.Items.ToList().ForEach(pending.Push);
                    break;
            }
        }

        return null;
    }
}
