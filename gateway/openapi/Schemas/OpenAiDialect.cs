namespace ToolRuntime.OpenApi.Schemas;

/// <summary>
/// OpenAI's structured mode (Structured Outputs guide, "Supported schemas"): objects list every property as required and allow no other; optional
/// properties may be null instead; objects without known properties and schemas without a type are JSON in a text.
/// </summary>
internal static class OpenAiDialect
{
    private const string JsonNote = "JSON text";

    private static readonly HashSet<string> s_kept = new(
        ["$ref", "type", "const", "enum", "description", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "properties", "required", "items", "anyOf", "$defs"],
        StringComparer.Ordinal);

    private static readonly HashSet<string> s_formats = new(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"], StringComparer.Ordinal);

    public static PartObject Apply(PartObject schema)
    {
        var root = schema["properties"] is PartObject ? schema : schema.With("type", new PartText("object")).With("properties", PartObject.Empty);
        return Closed(root.Without("anyOf"));
    }

    private static SchemaPart Changed(SchemaPart part)
    {
        if (part is PartReference reference)
        {
            return new PartReference(reference.Definition, new PartObject([.. reference.Beside.Members.Where(m => m.Key == "description")]));
        }

        var schema = (PartObject)part;
        if (schema["allOf"] is PartList { Items.Count: 1 } all && schema["anyOf"] is null && schema["properties"] is null)
        {
            return Changed(all.Items[0]);
        }

        if (schema["anyOf"] is PartList choices)
        {
            return new PartObject([.. schema.Members.Where(m => m.Key == "description"), new("anyOf", new PartList([.. choices.Items.Select(Changed)]))]);
        }

        if (IsOpen(schema))
        {
            return JsonText(schema);
        }

        return Closed(schema);
    }

    private static PartObject Closed(PartObject schema)
    {
        var members = new List<KeyValuePair<string, SchemaPart>>();
        foreach (var (name, value) in schema.Members.Where(m => s_kept.Contains(m.Key) && m.Key != "required"))
        {
            if (name == "format" && value is PartText { Value: var format } && !s_formats.Contains(format))
            {
                continue;
            }

            members.Add(new(name, value));
        }

        var kept = KeywordKinds.MapSchemas(new PartObject(members), Changed);
        if (kept["properties"] is not PartObject properties)
        {
            return kept;
        }

        var required = schema["required"] is PartList list ? list.Items.OfType<PartText>().Select(t => t.Value).ToHashSet(StringComparer.Ordinal) : [];
        properties = new PartObject([.. properties.Members.Select(m => required.Contains(m.Key) ? m : KeyValuePair.Create(m.Key, OrNull(m.Value)))]);
        kept = kept.With("properties", properties)
            .With("required", new PartList([.. properties.Members.Select(SchemaPart (m) => new PartText(m.Key))]))
            .With("additionalProperties", PartValue.False);
        return kept["$defs"] is { } definitions ? kept.Without("$defs").With("$defs", definitions) : kept;
    }

    private static SchemaPart OrNull(SchemaPart part) => part switch
    {
        PartObject schema when schema["anyOf"] is PartList choices => choices.Items.Any(DraftFinish.NullOnly.IsSame) ? schema : schema.With("anyOf", new PartList([.. choices.Items, DraftFinish.NullOnly])),
        PartObject schema when schema["type"] is PartText { Value: var type } && schema["const"] is null => Enum(schema.With("type", type == "null" ? schema["type"]! : new PartList([schema["type"]!, new PartText("null")]))),
        PartObject schema when schema["type"] is PartList types && schema["const"] is null => Enum(schema.With("type", types.Items.Any(t => t is PartText { Value: "null" }) ? types : new PartList([.. types.Items, new PartText("null")]))),
        _ => new PartObject([new("anyOf", new PartList([part, DraftFinish.NullOnly]))]),
    };

    private static PartObject Enum(PartObject schema) =>
        schema["enum"] is PartList values && !values.Items.Any(v => v is PartValue { Json: "null" }) ? schema.With("enum", new PartList([.. values.Items, PartValue.Null])) : schema;

    /// <summary>Whether a schema takes objects of unknown members, lists of unknown items, or anything.</summary>
    private static bool IsOpen(PartObject schema)
    {
        var types = schema["type"] switch
        {
            PartText { Value: var one } => [one],
            PartList list => list.Items.OfType<PartText>().Select(t => t.Value).ToList(),
            _ => new List<string>(),
        };
        if (types.Count == 0)
        {
            return schema["enum"] is null && schema["const"] is null;
        }

        return (types.Contains("object", StringComparer.Ordinal) && schema["properties"] is not PartObject { Members.Count: > 0 })
            || (types.Contains("array", StringComparer.Ordinal) && schema["items"] is not (PartObject or PartReference));
    }

    private static PartObject JsonText(PartObject schema)
    {
        var words = schema["description"] is PartText { Value: var text } ? $"{text.TrimEnd('.')}. {JsonNote}." : JsonNote + ".";
        return new PartObject([new("type", new PartText("string")), new("description", new PartText(words))]);
    }
}
