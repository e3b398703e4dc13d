using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Schemas.Patterns;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>Keywords of objects and arrays.</summary>
internal static class ObjectKeywords
{
    public static void Properties(KeywordContext context)
    {
        if (context.Value.ValueKind != JsonValueKind.Object)
        {
            context.Drop("is no object");
            return;
        }

        // Of two with the same name the last counts, as in every JSON reader.
        var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in context.Value.EnumerateObject())
        {
            if (context.Converter.IsHidden(new ApiSchema(member.Value, context.Schema.Source)))
            {
                context.Converter.HiddenNames.Add(member.Name);
            }
            else
            {
                members[member.Name] = member.Value;
            }
        }

        context.Set(new PartObject([.. members.Select(m => KeyValuePair.Create(m.Key, context.Below(m.Key, m.Value)))]));
    }

    public static void Required(KeywordContext context)
    {
        // A boolean is the older form, or a parameter that is its own schema: said elsewhere.
        if (context.Value.ValueKind == JsonValueKind.Array)
        {
            var hidden = Hidden(context);
            var names = context.Value.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!).Distinct(StringComparer.Ordinal).Where(n => !hidden.Contains(n));
            context.Set(Names(names));
        }
    }

    public static void PatternProperties(KeywordContext context)
    {
        var members = new List<KeyValuePair<string, SchemaPart>>();
        foreach (var member in context.Value.ValueKind == JsonValueKind.Object ? context.Value.EnumerateObject() : default)
        {
            var (pattern, reason) = EcmaPatterns.Check(member.Name);
            if (pattern is null)
            {
                context.Drop(reason);
            }
            else if (!members.Exists(m => m.Key == pattern))
            {
                members.Add(new(pattern, context.Below(member.Name, member.Value)));
            }
        }

        context.Set(members.Count > 0 ? new PartObject(members) : null);
    }

    public static void DependentRequired(KeywordContext context)
    {
        var members = new List<KeyValuePair<string, SchemaPart>>();
        foreach (var member in context.Value.ValueKind == JsonValueKind.Object ? context.Value.EnumerateObject() : default)
        {
            if (member.Value.ValueKind == JsonValueKind.Array && !members.Exists(m => m.Key == member.Name)
                && Names(member.Value.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!).Distinct(StringComparer.Ordinal)) is { } names)
            {
                members.Add(new(member.Name, names));
            }
        }

        context.Set(members.Count > 0 ? new PartObject(members) : null);
    }

    public static void DependentSchemas(KeywordContext context)
    {
        var members = new List<KeyValuePair<string, SchemaPart>>();
        foreach (var member in context.Value.ValueKind == JsonValueKind.Object ? context.Value.EnumerateObject() : default)
        {
            if (KeywordContext.IsSchema(member.Value) && !members.Exists(m => m.Key == member.Name))
            {
                members.Add(new(member.Name, context.Below(member.Name, member.Value)));
            }
        }

        context.Set(members.Count > 0 ? new PartObject(members) : null);
    }

    public static void Additional(KeywordContext context)
    {
        if (context.Value.ValueKind == JsonValueKind.False)
        {
            // Results may grow: a client that checks them must not refuse what the API adds.
            context.Set(context.Converter.Table.Side == SchemaSide.Input ? PartValue.False : null);
        }
        else if (context.Value.ValueKind == JsonValueKind.True)
        {
            context.Set(PartValue.True);
        }
        else
        {
            context.SetSchema();
        }
    }

    public static void Items(KeywordContext context)
    {
        if (context.Value.ValueKind == JsonValueKind.Array)
        {
            if (context.Schemas() is { Count: > 0 } schemas)
            {
                context.Draft["prefixItems"] = new PartList(schemas);
            }
        }
        else
        {
            context.SetSchema();
        }
    }

    /// <summary>A list of names; null for none.</summary>
    public static PartList? Names(IEnumerable<string> names)
    {
        var items = names.Select(SchemaPart (n) => new PartText(n)).ToList();
        return items.Count == 0 ? null : new PartList(items);
    }

    private static HashSet<string> Hidden(KeywordContext context)
    {
        var hidden = new HashSet<string>(StringComparer.Ordinal);
        if (context.Schema.Node.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in properties.EnumerateObject())
            {
                if (context.Converter.IsHidden(new ApiSchema(member.Value, context.Schema.Source)))
                {
                    hidden.Add(member.Name);
                }
            }
        }

        return hidden;
    }
}
