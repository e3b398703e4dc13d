using System.Globalization;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>Two schemas that both must hold, as one.</summary>
internal static class SchemaMerge
{
    /// <summary>The sum, or null where it cannot be said in one schema. Words of <paramref name="first"/> win.</summary>
    public static PartObject? Merge(PartObject first, PartObject second)
    {
        var sum = new List<KeyValuePair<string, SchemaPart>>(first.Members);
        foreach (var (name, value) in second.Members)
        {
            var at = sum.FindIndex(m => m.Key == name);
            if (at < 0)
            {
                sum.Add(new(name, value));
                continue;
            }

            if (sum[at].Value.IsSame(value))
            {
                continue;
            }

            if (Both(name, sum[at].Value, value) is not { } both)
            {
                return null;
            }

            sum[at] = new(name, both);
        }

        return new PartObject(sum);
    }

    private static SchemaPart? Both(string keyword, SchemaPart first, SchemaPart second) => keyword switch
    {
        "description" or "default" or "examples" or "deprecated" => first,
        "required" => ObjectKeywords.Names(Texts(first).Union(Texts(second), StringComparer.Ordinal)),
        "properties" => first is PartObject a && second is PartObject b ? Properties(a, b) : null,
        "type" => Types(Texts(first), Texts(second)),
        "enum" => Common(first, second),
        "additionalProperties" or "unevaluatedProperties" => Additional(first, second),
        "minimum" or "exclusiveMinimum" or "minLength" or "minItems" or "minProperties" => Bound(first, second, takesGreater: true),
        "maximum" or "exclusiveMaximum" or "maxLength" or "maxItems" or "maxProperties" => Bound(first, second, takesGreater: false),
        _ => null,
    };

    private static PartObject Properties(PartObject first, PartObject second)
    {
        var sum = new OrderedDictionary<string, SchemaPart>(StringComparer.Ordinal);
        foreach (var member in first.Members)
        {
            sum[member.Key] = member.Value;
        }

        foreach (var (name, value) in second.Members)
        {
            sum[name] = sum.TryGetValue(name, out var present) ? Property(present, value) : value;
        }

        return new PartObject([.. sum]);
    }

    private static SchemaPart Property(SchemaPart first, SchemaPart second)
    {
        if (first.IsSame(second) || second is PartObject { Members.Count: 0 })
        {
            return first;
        }

        if (first is PartObject { Members.Count: 0 })
        {
            return second;
        }

        return first is PartObject a && second is PartObject b && Merge(a, b) is { } merged ? merged : new PartObject([new("allOf", new PartList([first, second]))]);
    }

    private static SchemaPart? Types(List<string> first, List<string> second)
    {
        var common = first.Where(t => second.Contains(t, StringComparer.Ordinal) || (t == "integer" && second.Contains("number", StringComparer.Ordinal))).ToList();
        if (second.Contains("integer", StringComparer.Ordinal) && first.Contains("number", StringComparer.Ordinal) && !common.Contains("integer", StringComparer.Ordinal))
        {
            common.Add("integer");
        }

        return common.Count == 0 ? null : common.Count == 1 ? new PartText(common[0]) : ObjectKeywords.Names(common);
    }

    private static PartList? Common(SchemaPart first, SchemaPart second)
    {
        if (first is not PartList a || second is not PartList b)
        {
            return null;
        }

        var common = a.Items.Where(i => b.Items.Any(i.IsSame)).ToList();
        return common.Count == 0 ? null : new PartList(common);
    }

    private static SchemaPart? Additional(SchemaPart first, SchemaPart second) =>
        first is PartValue { Json: "false" } || second is PartValue { Json: "false" } ? PartValue.False
        : first is PartValue || first is PartObject { Members.Count: 0 } ? second
        : second is PartValue || second is PartObject { Members.Count: 0 } ? first
        : null;

    private static SchemaPart? Bound(SchemaPart first, SchemaPart second, bool takesGreater)
    {
        if (first is not PartValue a || second is not PartValue b)
        {
            return null;
        }

        var isGreater = double.Parse(a.Json, CultureInfo.InvariantCulture) > double.Parse(b.Json, CultureInfo.InvariantCulture);
        return isGreater == takesGreater ? a : b;
    }

    private static List<string> Texts(SchemaPart part) => part switch
    {
        PartText text => [text.Value],
        PartList list => [.. list.Items.OfType<PartText>().Select(t => t.Value)],
        _ => [],
    };
}
