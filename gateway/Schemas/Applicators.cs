using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class ReferenceKeyword(SchemaNode target) : Keyword
{
    public static Keyword? CreateReference(SchemaSource source) => source.Text("$ref") is { } reference ? new ReferenceKeyword(source.Resolve(reference)) : null;

    public static Keyword? CreateDynamicReference(SchemaSource source) =>
        source.Text("$dynamicRef") is { } reference ? new ReferenceKeyword(source.Resolve(reference)) : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts) => target.EvaluateInPlace(instance, run, parts);
}
