using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>One keyword on its way into a draft.</summary>
internal readonly record struct KeywordContext(SchemaConverter Converter, Draft Draft, ApiSchema Schema, string Keyword, JsonElement Value)
{
    /// <summary>Sets the keyword itself.</summary>
    public void Set(SchemaPart? part)
    {
        if (part is not null)
        {
            Draft[Keyword] = part;
        }
    }

    /// <summary>Leaves the keyword out and says why.</summary>
    public void Drop(string reason) => Converter.Note(Keyword, $"'{Keyword}' {reason}; it is left out");

    public void SetText()
    {
        if (Value.ValueKind == JsonValueKind.String)
        {
            Set(new PartText(CleanText.Of(Value.GetString()!, 100)));
        }
    }

    public void SetTrue()
    {
        if (Value.ValueKind == JsonValueKind.True)
        {
            Set(PartValue.True);
        }
    }

    public void SetSchema()
    {
        if (IsSchema(Value))
        {
            Set(Below(Keyword, Value));
        }
        else
        {
            Drop("is no schema");
        }
    }

    public void SetSchemas() => Set(Schemas() is { Count: > 0 } schemas ? new PartList(schemas) : null);

    /// <summary>The schemas of a list; what is none is left out.</summary>
    public List<SchemaPart> Schemas()
    {
        var schemas = new List<SchemaPart>();
        if (Value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in Value.EnumerateArray())
            {
                if (IsSchema(item))
                {
                    schemas.Add(Below(Keyword, item));
                }
            }
        }

        return schemas;
    }

    public SchemaPart Below(string name, JsonElement node) => Converter.Below(name, new ApiSchema(node, Schema.Source));

    public static bool IsSchema(JsonElement node) => node.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;
}
