using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>
/// <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c> and the discriminator. <c>allOf</c> is merged into one schema where that says the same. <c>oneOf</c>
/// becomes <c>anyOf</c>: the alternatives of real documents overlap, and "exactly one" would refuse what the API takes.
/// </summary>
internal static class Combination
{
    public static SchemaPart Complete(SchemaConverter converter, Draft draft, ApiSchema schema)
    {
        Alternatives(converter, draft, schema);
        var members = Members(schema.Node, "allOf");
        if (members.Count == 0)
        {
            return DraftFinish.Finish(draft);
        }

        return members.Count == 1 && Alone(converter, draft, new ApiSchema(members[0], schema.Source)) is { } single ? single : All(converter, draft, schema, members);
    }

    /// <summary>A single member with nothing but words beside it is that member: how documents before 3.1 give a reference a description.</summary>
    private static SchemaPart? Alone(SchemaConverter converter, Draft draft, ApiSchema member)
    {
        var words = new Draft { ["description"] = draft["description"], ["deprecated"] = draft["deprecated"], ["default"] = draft["default"] };
        if (draft.Count != words.Count || (draft.Types is { } types && types is not ["object"]) || draft.IsBytes)
        {
            return null;
        }

        var part = converter.Below("allOf/0", member);
        var beside = words.ToPart();
        return (part, draft.IsNullable) switch
        {
            (PartReference reference, false) when reference.Beside.Members.Count == 0 => new PartReference(reference.Definition, beside),
            (PartReference, true) => new PartObject([.. beside.Members, new("anyOf", new PartList([part, DraftFinish.NullOnly]))]),
            (PartObject whole, false) => beside.Members.Aggregate(whole, (sum, word) => sum.With(word.Key, word.Value)),
            _ => null,
        };
    }

    private static PartObject All(SchemaConverter converter, Draft draft, ApiSchema schema, List<JsonElement> members)
    {
        var isNullable = draft.IsNullable;
        draft.IsNullable = false;
        var sum = DraftFinish.Finish(draft);
        var rest = sum["allOf"] is PartList present ? present.Items.ToList() : [];
        for (var i = 0; i < members.Count; i++)
        {
            var member = new ApiSchema(members[i], schema.Source);
            if (converter.Expanded(member) is not PartObject part || SchemaMerge.Merge(sum, part) is not { } merged)
            {
                rest.Add(converter.Below($"allOf/{i}", member));
                continue;
            }

            sum = merged;
        }

        sum = WithoutHidden(sum, converter.HiddenNames);
        if (rest.Count > 0)
        {
            sum = sum.With("allOf", new PartList(rest));
        }

        if (isNullable)
        {
            return new PartObject([.. sum.Members.Where(m => m.Key == "description"), new("anyOf", new PartList([sum.Without("description"), DraftFinish.NullOnly]))]);
        }

        return new PartObject([.. sum.Members.OrderBy(m => KeywordKinds.Order(m.Key))]);
    }

    private static PartObject WithoutHidden(PartObject sum, HashSet<string> hidden)
    {
        if (hidden.Count == 0 || sum["required"] is not PartList required)
        {
            return sum;
        }

        var properties = sum["properties"] as PartObject;
        var names = ObjectKeywords.Names(required.Items.OfType<PartText>().Select(t => t.Value).Where(n => !hidden.Contains(n) || properties?[n] is not null));
        return names is null ? sum.Without("required") : sum.With("required", names);
    }

    private static void Alternatives(SchemaConverter converter, Draft draft, ApiSchema schema)
    {
        var any = Choices(converter, schema, "anyOf");
        var one = Choices(converter, schema, "oneOf");
        if (any is not null && one is not null)
        {
            draft["allOf"] = new PartList([new PartObject([new("anyOf", one)])]);
        }

        draft["anyOf"] = any ?? one;
    }

    private static PartList? Choices(SchemaConverter converter, ApiSchema schema, string keyword)
    {
        var choices = new List<SchemaPart>();
        var index = 0;
        foreach (var member in Members(schema.Node, keyword))
        {
            var part = Discriminator.Pin(converter.Below($"{keyword}/{index++}", new ApiSchema(member, schema.Source)), member, schema.Node);
            if (!choices.Exists(c => c.IsSame(part)))
            {
                choices.Add(part);
            }
        }

        return choices.Count == 0 ? null : new PartList(choices);
    }

    private static List<JsonElement> Members(JsonElement node, string keyword) =>
        node.TryGetProperty(keyword, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Where(KeywordContext.IsSchema)] : [];
}
