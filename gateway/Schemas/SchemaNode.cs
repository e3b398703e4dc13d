using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>One compiled schema. Filled after creation, so that references may form cycles.</summary>
internal sealed class SchemaNode
{
    public bool? Always { get; set; }

    public List<Keyword> Keywords { get; } = [];

    /// <summary>Whether it has an <c>unevaluated…</c> keyword, for which what was evaluated must be remembered.</summary>
    public bool NeedsParts { get; set; }

    public bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (Always is { } always)
        {
            return always || run.Fail("is not allowed");
        }

        run.Enter();
        parts ??= NeedsParts ? new EvaluatedParts() : null;
        var fits = true;
        foreach (var keyword in Keywords)
        {
            fits &= keyword.Evaluate(instance, run, parts);
            if (!fits && run.StopsAtFirst)
            {
                break;
            }
        }

        run.Leave();
        return fits;
    }

    /// <summary>Applies the schema to the same place; what it evaluated counts only where it fits.</summary>
    public bool EvaluateInPlace(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (parts is null)
        {
            return Evaluate(instance, run, null);
        }

        var inner = new EvaluatedParts();
        var fits = Evaluate(instance, run, inner);
        if (fits)
        {
            parts.Add(inner);
        }

        return fits;
    }

    /// <summary>Applies the schema to a member or item of the present place.</summary>
    public bool EvaluateBelow(JsonElement child, PathSegment segment, SchemaRun run)
    {
        run.Push(segment);
        var fits = Evaluate(child, run, null);
        run.Pop();
        return fits;
    }
}
