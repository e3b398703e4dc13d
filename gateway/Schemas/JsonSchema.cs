using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>
/// A compiled JSON Schema (2020-12; <c>definitions</c>, <c>dependencies</c> and array-form <c>items</c> of older drafts are read too).
/// References are local; nothing is ever fetched. <c>format</c> and content keywords are annotations, as the specification's default is.
/// <c>$dynamicRef</c> is resolved as <c>$ref</c>. Depth and work are bounded.
/// </summary>
public sealed class JsonSchema
{
    private readonly SchemaNode _root;

    private JsonSchema(SchemaNode root) => _root = root;

    /// <summary>A schema that every value fits.</summary>
    public static JsonSchema Anything { get; } = new(new SchemaNode { Always = true });

    /// <summary>Compiles <paramref name="schema"/>.</summary>
    /// <exception cref="SchemaException">A keyword has a value of the wrong form, a pattern is no regular expression, or a reference leads nowhere; names the JSON pointer.</exception>
    public static JsonSchema Compile(JsonElement schema) => new(new SchemaCompiler(schema).Compile());

    /// <summary>Checks a value. The errors name JSON pointers into it; at most <see cref="SchemaRun.MaximumErrors"/> are told. Empty: it fits.</summary>
    public IReadOnlyList<SchemaError> Validate(JsonElement value)
    {
        var run = new SchemaRun();
        try
        {
            return _root.Evaluate(value, run, null) ? [] : run.Errors;
        }
        catch (SchemaLimitException limit)
        {
            return [new SchemaError(limit.Pointer, limit.Message)];
        }
    }
}
