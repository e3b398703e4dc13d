namespace ToolRuntime.OpenApi.Schemas;

/// <summary>
/// Gemini's function declarations (Schema of the Gemini API): one type each with <c>nullable</c> beside it, no references, no keywords beyond the
/// subset, enums of text only, objects with at least one property, arrays with items.
/// </summary>
internal static class GeminiDialect
{
    private static readonly HashSet<string> s_kept = new(
        ["description", "nullable", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems", "minProperties", "maxProperties", "properties", "required", "items", "anyOf"],
        StringComparer.Ordinal);

    private static readonly PartObject s_text = new([new("type", new PartText("string"))]);

    /// <summary>The root: a tool without arguments stays an object without properties, which Gemini takes there.</summary>
    public static PartObject Apply(PartObject schema) =>
        schema["properties"] is PartObject { Members.Count: > 0 } ? Typed(schema.Without("anyOf"), "object", isNullable: false) : new PartObject([new("type", new PartText("object")), new("properties", PartObject.Empty)]);

    private static SchemaPart Changed(SchemaPart part)
    {
        if (part is not PartObject schema)
        {
            return s_text;
        }

        if (schema["allOf"] is PartList { Items: [PartObject first, ..] } && schema["properties"] is null && schema["anyOf"] is null)
        {
            return Changed(first);
        }

        if (schema["anyOf"] is PartList choices)
        {
            return Choice(schema, choices);
        }

        var types = TypesOf(schema);
        var isNullable = types.Remove("null");
        if (types.Count > 1)
        {
            var each = new PartList([.. types.Select(SchemaPart (t) => Typed(schema.Without("description"), t, isNullable: false))]);
            return Noted(schema, isNullable, each);
        }

        return Typed(schema, types.Count == 1 ? types[0] : "string", isNullable);
    }

    private static PartObject Choice(PartObject schema, PartList choices)
    {
        var others = choices.Items.Where(c => !DraftFinish.NullOnly.IsSame(c)).Select(Changed).ToList();
        var isNullable = others.Count < choices.Items.Count;
        if (others is [PartObject single])
        {
            var whole = schema["description"] is { } words ? single.With("description", words) : single;
            return isNullable ? whole.With("nullable", PartValue.True) : whole;
        }

        return others.Count == 0 ? s_text : Noted(schema, isNullable, new PartList(others));
    }

    /// <summary>A choice holds nothing but its alternatives, so the words and the null go to those.</summary>
    private static PartObject Noted(PartObject schema, bool isNullable, PartList choices)
    {
        var items = choices.Items.Cast<PartObject>().ToList();
        if (isNullable)
        {
            items[0] = items[0].With("nullable", PartValue.True);
        }

        if (schema["description"] is PartText words && items[0]["description"] is null)
        {
            items[0] = items[0].With("description", words);
        }

        return new PartObject([new("anyOf", new PartList([.. items]))]);
    }

    private static PartObject Typed(PartObject schema, string type, bool isNullable)
    {
        if (type == "object" && schema["properties"] is not PartObject { Members.Count: > 0 })
        {
            var note = schema["description"] is PartText { Value: var said } ? $"{said.TrimEnd('.')}. JSON text." : "JSON text.";
            return new PartObject([new("type", new PartText("string")), new("description", new PartText(note)), .. isNullable ? [KeyValuePair.Create("nullable", (SchemaPart)PartValue.True)] : Array.Empty<KeyValuePair<string, SchemaPart>>()]);
        }

        List<KeyValuePair<string, SchemaPart>> members = [new("type", new PartText(type))];
        if (isNullable)
        {
            members.Add(new("nullable", PartValue.True));
        }

        if (type == "string" && Values(schema) is { } values)
        {
            members.Add(new("format", new PartText("enum")));
            members.Add(new("enum", values));
        }
        else if (schema["format"] is PartText { Value: "date-time" or "int32" or "int64" or "float" or "double" } format && (type == "string") == (format.Value == "date-time"))
        {
            members.Add(new("format", format));
        }

        members.AddRange(schema.Members.Where(m => s_kept.Contains(m.Key) && Fits(m.Key, type)));
        if (type == "array" && schema["items"] is not (PartObject or PartReference))
        {
            members.RemoveAll(m => m.Key == "items");
            members.Add(new("items", s_text));
        }

        return Consistent(KeywordKinds.MapSchemas(new PartObject(members), Changed));
    }

    /// <summary>Only what is there can be required.</summary>
    private static PartObject Consistent(PartObject schema)
    {
        if (schema["required"] is not PartList required)
        {
            return schema;
        }

        var properties = schema["properties"] as PartObject;
        var names = ObjectKeywords.Names(required.Items.OfType<PartText>().Select(t => t.Value).Where(n => properties?[n] is not null));
        return names is null ? schema.Without("required") : schema.With("required", names);
    }

    private static bool Fits(string keyword, string type) => keyword switch
    {
        "properties" or "required" or "minProperties" or "maxProperties" => type == "object",
        "items" or "minItems" or "maxItems" => type == "array",
        "minLength" or "maxLength" or "pattern" => type == "string",
        "minimum" or "maximum" => type is "integer" or "number",
        _ => true,
    };

    private static PartList? Values(PartObject schema)
    {
        var values = schema["const"] is PartText one ? [one] : (schema["enum"] as PartList)?.Items.OfType<PartText>().Where(t => t.Value.Length > 0).ToList<SchemaPart>() ?? [];
        return values.Count == 0 ? null : new PartList(values);
    }

    private static List<string> TypesOf(PartObject schema) => schema["type"] switch
    {
        PartText { Value: var one } => [one],
        PartList list => [.. list.Items.OfType<PartText>().Select(t => t.Value)],
        _ when schema["properties"] is not null => ["object"],
        _ when schema["items"] is not null => ["array"],
        _ => [],
    };
}
