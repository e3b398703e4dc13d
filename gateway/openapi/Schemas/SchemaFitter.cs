using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>
/// Writes a schema within a budget of bytes. What does not fit is cut and marked with <c>x-truncated</c>: a pointer that gives the rest when
/// asked with. Cuts only ever allow more than the document does. Work is bounded by the budget, not by the document.
/// </summary>
internal static class SchemaFitter
{
    /// <summary>The keyword that marks a cut.</summary>
    public const string Mark = "x-truncated";

    private const int DeepestJson = 56;

    /// <summary>The schema in at most <paramref name="budget"/> bytes.</summary>
    /// <param name="root">What to write; a reference is followed.</param>
    /// <param name="pointer">What pointers in the marks begin with: <c>/input</c>, <c>/output</c>, or where an expanded part stood.</param>
    /// <param name="side"><c>/input</c> or <c>/output</c>: where definitions are.</param>
    /// <param name="budget">Most bytes.</param>
    /// <param name="dialect">The dialect to write.</param>
    public static ReadOnlyMemory<byte> Fit(SchemaPart root, string pointer, string side, int budget, SchemaDialect dialect)
    {
        var top = root is PartReference reference ? reference.Inlined() : root;
        foreach (var level in CutLevel.All)
        {
            if (new SchemaCut(level, side, budget, dialect.Inlines).Of(top, pointer) is { } cut && Written(cut, dialect, budget) is { } written)
            {
                return written;
            }
        }

        return Slice(top, pointer, side, budget, dialect);
    }

    private static ReadOnlyMemory<byte>? Written(PartObject cut, SchemaDialect dialect, int budget)
    {
        var shown = dialect.Apply(cut);
        if (shown.Size > budget)
        {
            return null;
        }

        var bytes = SchemaWriter.Write(shown);
        return bytes.Length <= budget && IsShallow(bytes) ? bytes : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Whether readers of JSON take it: many go no deeper than 64 levels, and it stands a few levels deep in a list of tools.</summary>
    private static bool IsShallow(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            if (reader.CurrentDepth > DeepestJson)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>As many properties (the required first) or values as fit, the rest by pointer.</summary>
    private static ReadOnlyMemory<byte> Slice(SchemaPart top, string pointer, string side, int budget, SchemaDialect dialect)
    {
        if (top is PartObject schema && schema["properties"] is PartObject properties)
        {
            var required = schema["required"] is PartList names ? names.Items.OfType<PartText>().Select(t => t.Value).ToHashSet(StringComparer.Ordinal) : [];
            var ordered = new PartObject([.. properties.Members.Where(m => required.Contains(m.Key)), .. properties.Members.Where(m => !required.Contains(m.Key))]);
            for (var count = ordered.Members.Count / 2; count > 0; count /= 2)
            {
                var shown = schema.With("properties", new PartObject([.. ordered.Members.Take(count)])).Without("additionalProperties")
                    .With(Mark, new PartText($"{JsonPointer.Append(pointer, "properties")}/@{count}"));
                if (Smallest(required.Count > count ? shown.Without("required") : shown, pointer, side, budget, dialect) is { } written)
                {
                    return written;
                }
            }
        }

        return SchemaWriter.Write(dialect.Apply(new PartObject([new("type", new PartText("object")), new(Mark, new PartText(pointer))])));
    }

    private static ReadOnlyMemory<byte>? Smallest(PartObject shown, string pointer, string side, int budget, SchemaDialect dialect)
    {
        foreach (var level in CutLevel.All.Where(l => l.Depth == 0))
        {
            if (new SchemaCut(level, side, budget, dialect.Inlines).Of(shown, pointer) is { } cut && Written(cut, dialect, budget) is { } written)
            {
                return written;
            }
        }

        return null;
    }
}
