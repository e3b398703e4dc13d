using System.Text.Json;
using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Overlays;

/// <summary>One side of a comparison.</summary>
internal abstract class PathOperand
{
    public abstract PathValue Value(PathMatch place, JsonNode? root);

    internal sealed class Literal(JsonNode? value) : PathOperand
    {
        public override PathValue Value(PathMatch place, JsonNode? root) => new(true, value);
    }

    /// <summary>A path from the place (<c>@</c>) or the root (<c>$</c>).</summary>
    internal sealed class Query(JsonPath path, bool isFromRoot) : PathOperand
    {
        public override PathValue Value(PathMatch place, JsonNode? root)
        {
            var found = path.Select(isFromRoot ? new PathMatch(root, null, null, 0) : place, root);
            return found.Count == 0 ? default : new PathValue(true, found[0].Value);
        }
    }

    internal sealed class Length(PathOperand inner) : PathOperand
    {
        public override PathValue Value(PathMatch place, JsonNode? root) => inner.Value(place, root).Node switch
        {
            JsonObject map => new PathValue(true, JsonValue.Create(map.Count)),
            JsonArray list => new PathValue(true, JsonValue.Create(list.Count)),
            JsonValue text when text.GetValueKind() == JsonValueKind.String => new PathValue(true, JsonValue.Create(text.GetValue<string>().EnumerateRunes().Count())),
            _ => default,
        };
    }
}
