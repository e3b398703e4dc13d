using System.Text.Json;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>What a value may be, as far as a hint in a program says it.</summary>
public abstract record ValueShape
{
    /// <summary>Levels of lists, objects and alternatives that are told apart; what is deeper is anything.</summary>
    public const int DeepestShape = 3;

    private const int MostAlternatives = 6;
    private const int MostLiterals = 24;
    private const int MostReferences = 8;

    private ValueShape()
    {
    }

    /// <summary>What <paramref name="schema"/> allows.</summary>
    /// <param name="schema">A JSON Schema.</param>
    /// <param name="root">What its <c>#/$defs/…</c> references are resolved in.</param>
    public static ValueShape Of(JsonElement schema, JsonElement root) => Read(schema, root, DeepestShape);

    private static ValueShape Read(JsonElement schema, JsonElement root, int depth)
    {
        schema = Resolve(schema, root);
        if (depth == 0 || schema.ValueKind != JsonValueKind.Object)
        {
            return new Anything();
        }

        if (Literals(schema) is { } literals)
        {
            return literals;
        }

        foreach (var name in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(name, out var alternatives) && alternatives.ValueKind == JsonValueKind.Array)
            {
                return alternatives.GetArrayLength() is > 0 and <= MostAlternatives
                    ? Either([.. alternatives.EnumerateArray().Select(a => Read(a, root, depth - 1))])
                    : new Anything();
            }
        }

        if (!schema.TryGetProperty("type", out var type))
        {
            return schema.TryGetProperty("properties", out _) ? Named("object", schema, root, depth) : new Anything();
        }

        return type.ValueKind switch
        {
            JsonValueKind.String => Named(type.GetString()!, schema, root, depth),
            JsonValueKind.Array => Either([.. type.EnumerateArray().Select(t => Named(t.ToString(), schema, root, depth))]),
            _ => new Anything(),
        };
    }

    private static ValueShape Either(IReadOnlyList<ValueShape> parts)
    {
        var distinct = parts.Distinct().ToArray();
        return distinct.Length == 1 ? distinct[0] : distinct.Length == 0 || distinct.Any(p => p is Anything) ? new Anything() : new OneOf(distinct);
    }

    private static ValueShape Named(string type, JsonElement schema, JsonElement root, int depth) => type switch
    {
        "string" => new Text(),
        "integer" => new Whole(),
        "number" => new Number(),
        "boolean" => new Truth(),
        "null" => new Nothing(),
        "array" => new ListOf(schema.TryGetProperty("items", out var items) ? Read(items, root, depth - 1) : new Anything()),
        "object" => Object(schema, root, depth),
        _ => new Anything(),
    };

    private static ObjectOf Object(JsonElement schema, JsonElement root, int depth)
    {
        if (depth <= 1 || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return new ObjectOf([]);
        }

        return new ObjectOf([.. properties.EnumerateObject().Select(p => (p.Name, Read(p.Value, root, depth - 1)))]);
    }

    private static Literal? Literals(JsonElement schema)
    {
        if (schema.TryGetProperty("const", out var only) && IsScalar(only))
        {
            return new Literal([only.GetRawText()]);
        }

        return schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() is > 0 and <= MostLiterals
            && values.EnumerateArray().All(IsScalar)
            ? new Literal([.. values.EnumerateArray().Select(v => v.GetRawText()).Distinct(StringComparer.Ordinal)])
            : null;
    }

    // Numbers with a point are no literals in Python.
    private static bool IsScalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out _),
        JsonValueKind.String => value.GetString()!.Length <= 80,
        _ => value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null,
    };

    private static JsonElement Resolve(JsonElement schema, JsonElement root)
    {
        for (var step = 0; step < MostReferences; step++)
        {
            if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$ref", out var reference) || reference.ValueKind != JsonValueKind.String)
            {
                return schema;
            }

            var target = root;
            foreach (var part in reference.GetString()!.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
                if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(name, out target))
                {
                    return default;
                }
            }

            schema = target;
        }

        return default;
    }

    /// <summary>Anything, or what cannot be told.</summary>
    public sealed record Anything : ValueShape;

    /// <summary>A string.</summary>
    public sealed record Text : ValueShape;

    /// <summary>An integer.</summary>
    public sealed record Whole : ValueShape;

    /// <summary>A number.</summary>
    public sealed record Number : ValueShape;

    /// <summary>A boolean.</summary>
    public sealed record Truth : ValueShape;

    /// <summary>Null.</summary>
    public sealed record Nothing : ValueShape;

    /// <summary>One of these values.</summary>
    /// <param name="Values">Each as JSON.</param>
    public sealed record Literal(IReadOnlyList<string> Values) : ValueShape;

    /// <summary>A list.</summary>
    /// <param name="Item">What its items are.</param>
    public sealed record ListOf(ValueShape Item) : ValueShape;

    /// <summary>An object.</summary>
    /// <param name="Members">Members that are known; none: they can be any.</param>
    public sealed record ObjectOf(IReadOnlyList<(string Name, ValueShape Shape)> Members) : ValueShape;

    /// <summary>One of several shapes, none of them anything.</summary>
    /// <param name="Parts">At least two.</param>
    public sealed record OneOf(IReadOnlyList<ValueShape> Parts) : ValueShape;
}
