using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class PropertyNames(SchemaNode schema) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.Sub("propertyNames") is { } schema ? new PropertyNames(schema) : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        var fits = true;
        if (instance.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in instance.EnumerateObject())
            {
                var mark = run.BeginTrial();
                var nameFits = schema.Evaluate(JsonSerializer.SerializeToElement(member.Name, SchemaJson.Default.String), run, null);
                var error = run.EndTrial(mark);
                fits &= nameFits || run.Fail($"has a property with the name '{member.Name}', which {error?.Message ?? "is not allowed"}");
            }
        }

        return fits;
    }
}
