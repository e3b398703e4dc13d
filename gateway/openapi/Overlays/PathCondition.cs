using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ToolRuntime.OpenApi.Overlays;

/// <summary>A filter's condition.</summary>
internal abstract class PathCondition
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(200);

    public abstract bool Holds(PathMatch place, JsonNode? root);

    internal sealed class Either(PathCondition first, PathCondition second) : PathCondition
    {
        public override bool Holds(PathMatch place, JsonNode? root) => first.Holds(place, root) || second.Holds(place, root);
    }

    internal sealed class Both(PathCondition first, PathCondition second) : PathCondition
    {
        public override bool Holds(PathMatch place, JsonNode? root) => first.Holds(place, root) && second.Holds(place, root);
    }

    internal sealed class Not(PathCondition inner) : PathCondition
    {
        public override bool Holds(PathMatch place, JsonNode? root) => !inner.Holds(place, root);
    }

    internal sealed class Exists(PathOperand operand) : PathCondition
    {
        public override bool Holds(PathMatch place, JsonNode? root) => operand.Value(place, root).IsThere;
    }

    /// <summary><c>match</c> (the whole text) and <c>search</c> (anywhere in it).</summary>
    internal sealed class Matches(PathOperand operand, string pattern, bool isWhole) : PathCondition
    {
        private readonly Regex _regex = Compile(isWhole ? $@"\A(?:{pattern})\z" : pattern);

        public override bool Holds(PathMatch place, JsonNode? root) =>
            operand.Value(place, root) is { IsThere: true, Node: JsonValue text } && text.GetValueKind() == JsonValueKind.String && _regex.IsMatch(text.GetValue<string>());

        private static Regex Compile(string pattern)
        {
            try
            {
                return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_longest);
            }
            catch (Exception error) when (error is ArgumentException or NotSupportedException)
            {
                throw new JsonPathException($"the pattern '{pattern}' cannot be used: {error.Message}");
            }
        }
    }

    internal sealed class Compared(PathOperand first, string sign, PathOperand second) : PathCondition
    {
        public override bool Holds(PathMatch place, JsonNode? root)
        {
            var (a, b) = (first.Value(place, root), second.Value(place, root));
            return sign switch
            {
                "==" => IsEqual(a, b),
                "!=" => !IsEqual(a, b),
                "<" => Order(a, b) < 0,
                ">" => Order(a, b) > 0,
                "<=" => Order(a, b) < 0 || IsEqual(a, b),
                _ => Order(a, b) > 0 || IsEqual(a, b),
            };
        }

        private static bool IsEqual(PathValue a, PathValue b) => a.IsThere == b.IsThere && (!a.IsThere || JsonNode.DeepEquals(a.Node, b.Node));

        private static int? Order(PathValue a, PathValue b)
        {
            if (a.Node is not JsonValue one || b.Node is not JsonValue other)
            {
                return null;
            }

            return (one.GetValueKind(), other.GetValueKind()) switch
            {
                (JsonValueKind.Number, JsonValueKind.Number) => double.Parse(one.ToJsonString()).CompareTo(double.Parse(other.ToJsonString())),
                (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(one.GetValue<string>(), other.GetValue<string>()),
                _ => null,
            };
        }
    }
}
