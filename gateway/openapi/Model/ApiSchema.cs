using System.Text.Json;

namespace ToolRuntime.OpenApi.Model;

/// <summary>
/// A schema as the document has it: a node, and the document that its references are resolved in. Nothing is copied or resolved until somebody
/// asks, so that a document of 11,000 operations costs what its text costs.
/// </summary>
/// <param name="Node">The raw schema: an object, or a boolean (3.1).</param>
/// <param name="Source">Resolves its references, or null where it has none.</param>
public readonly record struct ApiSchema(JsonElement Node, IReferenceSource? Source)
{
    private static readonly JsonElement s_anything = JsonElement.Parse("{}"u8);

    /// <summary>A schema that everything fits.</summary>
    public static ApiSchema Anything => new(s_anything, null);

    /// <summary>The schema that the node's <c>$ref</c> chain ends in; itself where it has none or where the chain dangles or turns in a circle.</summary>
    public ApiSchema Resolve()
    {
        var present = this;
        for (var step = 0; step < IReferenceSource.LongestChain; step++)
        {
            if (present.Source is null || present.Node.ValueKind != JsonValueKind.Object
                || !present.Node.TryGetProperty("$ref", out var reference) || reference.ValueKind != JsonValueKind.String
                || !present.Source.TryResolve(reference.GetString()!, out var target))
            {
                return present;
            }

            present = target;
        }

        return this;
    }
}
