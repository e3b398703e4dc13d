using System.Collections.Immutable;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>What a client's model takes of JSON Schema.</summary>
public sealed class SchemaDialect
{
    private readonly Func<PartObject, PartObject> _apply;

    private SchemaDialect(string name, bool inlines, Func<PartObject, PartObject> apply) => (Name, Inlines, _apply) = (name, inlines, apply);

    /// <summary>JSON Schema 2020-12 with <c>$defs</c>: what MCP asks for.</summary>
    public static SchemaDialect Strict202012 { get; } = new("strict-2020-12", inlines: false, s => s);

    /// <summary>The same without references: definitions stand where they are used, recursion is cut.</summary>
    public static SchemaDialect NoDefs { get; } = new("no-defs", inlines: true, s => s);

    /// <summary>OpenAI's structured mode: every object closed, every property required (optional ones may be null).</summary>
    public static SchemaDialect OpenAiStrict { get; } = new("openai-strict", inlines: false, OpenAiDialect.Apply);

    /// <summary>Gemini's function declarations: the subset of OpenAPI 3.0 that they take.</summary>
    public static SchemaDialect Gemini { get; } = new("gemini", inlines: true, GeminiDialect.Apply);

    /// <summary>All of them.</summary>
    public static ImmutableArray<SchemaDialect> All { get; } = [Strict202012, OpenAiStrict, Gemini, NoDefs];

    /// <summary>The dialect's name as users write it: <c>strict-2020-12</c>, <c>openai-strict</c>, <c>gemini</c>, <c>no-defs</c>.</summary>
    public string Name { get; }

    /// <summary>Whether it has no references.</summary>
    internal bool Inlines { get; }

    /// <summary>The dialect of a name, or null.</summary>
    public static SchemaDialect? Named(string name) => All.FirstOrDefault(d => string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase));

    internal PartObject Apply(PartObject schema) => _apply(schema);
}
