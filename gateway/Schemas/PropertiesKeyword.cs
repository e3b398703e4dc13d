using System.Text.Json;
using System.Text.RegularExpressions;

namespace ToolRuntime.Gateway.Schemas;

/// <summary><c>properties</c>, <c>patternProperties</c> and <c>additionalProperties</c>, which need one another.</summary>
internal sealed class PropertiesKeyword(Dictionary<string, SchemaNode>? named, (Regex Pattern, SchemaNode Schema)[] patterns, SchemaNode? others) : Keyword
{
    public static Keyword? Create(SchemaSource source)
    {
        var (named, patterns, others) = (source.SubMap("properties"), source.SubMap("patternProperties"), source.Sub("additionalProperties"));
        return named is null && patterns is null && others is null
            ? null
            : new PropertiesKeyword(named, [.. (patterns ?? []).Select(p => (EcmaPattern.Compile(p.Key, source, "patternProperties"), p.Value))], others);
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var fits = true;
        foreach (var member in instance.EnumerateObject())
        {
            fits &= Member(member, run, parts);
            if (!fits && run.StopsAtFirst)
            {
                return false;
            }
        }

        return fits;
    }

    private bool Member(JsonProperty member, SchemaRun run, EvaluatedParts? parts)
    {
        var (fits, matched) = (true, false);
        if (named is not null && named.TryGetValue(member.Name, out var schema))
        {
            matched = true;
            fits = schema.EvaluateBelow(member.Value, member.Name, run);
        }

        foreach (var (pattern, below) in patterns)
        {
            if (EcmaPattern.IsMatch(pattern, member.Name, run))
            {
                matched = true;
                fits &= below.EvaluateBelow(member.Value, member.Name, run);
            }
        }

        if (!matched && others is not null)
        {
            matched = true;
            fits = others.Always == false ? run.Fail($"has the unknown property '{member.Name}'") : others.EvaluateBelow(member.Value, member.Name, run);
        }

        if (matched)
        {
            parts?.Property(member.Name);
        }

        return fits;
    }
}
