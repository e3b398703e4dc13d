using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Overlays;

/// <summary>What one step takes of a value's children.</summary>
internal abstract class PathSelector
{
    public abstract IEnumerable<PathMatch> Select(PathMatch place, JsonNode? root);

    /// <summary>The member of a name.</summary>
    internal sealed class Named(string name) : PathSelector
    {
        public override IEnumerable<PathMatch> Select(PathMatch place, JsonNode? root)
        {
            if (place.Value is JsonObject map && map.TryGetPropertyValue(name, out var value))
            {
                yield return new PathMatch(value, map, name, 0);
            }
        }
    }

    /// <summary>Every child.</summary>
    internal sealed class Every : PathSelector
    {
        public override IEnumerable<PathMatch> Select(PathMatch place, JsonNode? root) => place.Children();
    }

    /// <summary>Items of an array, negative indexes from the end.</summary>
    internal sealed class Sliced(int? from, int? to, int step) : PathSelector
    {
        public override IEnumerable<PathMatch> Select(PathMatch place, JsonNode? root)
        {
            if (place.Value is not JsonArray list || step <= 0)
            {
                yield break;
            }

            var end = Math.Min(list.Count, At(to ?? list.Count, list.Count));
            for (var i = Math.Max(0, At(from ?? 0, list.Count)); i < end; i += step)
            {
                yield return new PathMatch(list[i], list, null, i);
            }
        }

        private static int At(int index, int count) => index < 0 ? Math.Max(0, count + index) : index;
    }

    /// <summary>One item of an array.</summary>
    internal sealed class Indexed(int index) : PathSelector
    {
        public override IEnumerable<PathMatch> Select(PathMatch place, JsonNode? root)
        {
            if (place.Value is JsonArray list && (index < 0 ? list.Count + index : index) is var at && at >= 0 && at < list.Count)
            {
                yield return new PathMatch(list[at], list, null, at);
            }
        }
    }

    /// <summary>The children that a condition holds for.</summary>
    internal sealed class Filtered(PathCondition condition) : PathSelector
    {
        public override IEnumerable<PathMatch> Select(PathMatch place, JsonNode? root) => place.Children().Where(c => condition.Holds(c, root));
    }
}
