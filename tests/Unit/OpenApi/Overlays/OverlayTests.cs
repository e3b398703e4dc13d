using System.Text;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Overlays;

namespace ToolRuntime.Tests.Unit.OpenApi.Overlays;

/// <summary>Overlays, and what of JSONPath they use.</summary>
public sealed class OverlayTests
{
    private const string Store = """{"a":{"x":1,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":3}]},"b":{"x":2,"a":{"x":3}}}""";

    [Theory]
    [InlineData("$.a.x", "update: 9", """{"a":{"x":9,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":3}]},"b":{"x":2,"a":{"x":3}}}""")]
    [InlineData("$..x", "remove: true", """{"a":{"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":3}]},"b":{"a":{}}}""")]
    [InlineData("$.a.list[?@.v > 1]", "remove: true", """{"a":{"x":1,"list":[{"n":"p","v":1}]},"b":{"x":2,"a":{"x":3}}}""")]
    [InlineData("$.a.list[?(@.n == 'q' || @.v==3) && !@.t]", "remove: true", """{"a":{"x":1,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null}]},"b":{"x":2,"a":{"x":3}}}""")]
    [InlineData("$.a.list[?length(@.n) == 2]", "update: {v: 0, w: [1]}", """{"a":{"x":1,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":0,"w":[1]}]},"b":{"x":2,"a":{"x":3}}}""")]
    [InlineData("$.a.list[?search(@.n, 'r+')].v", "update: 7", """{"a":{"x":1,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":7}]},"b":{"x":2,"a":{"x":3}}}""")]
    [InlineData("$.a.list[-1,0]", "remove: true", """{"a":{"x":1,"list":[{"n":"q","v":2,"t":null}]},"b":{"x":2,"a":{"x":3}}}""")]
    [InlineData("$.a.list[1:]", "remove: true", """{"a":{"x":1,"list":[{"n":"p","v":1}]},"b":{"x":2,"a":{"x":3}}}""")]
    [InlineData("$['b'][\"a\"]", "copy: $.a.list[0]", """{"a":{"x":1,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":3}]},"b":{"x":2,"a":{"x":3,"n":"p","v":1}}}""")]
    [InlineData("$.a.list", "update: {n: s}", """{"a":{"x":1,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":3},{"n":"s"}]},"b":{"x":2,"a":{"x":3}}}""")]
    [InlineData("$.b", "update: {a: {y: null}, c: [1]}", """{"a":{"x":1,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":3}]},"b":{"x":2,"a":{"x":3,"y":null},"c":[1]}}""")]
    [InlineData("$.nothing.here", "update: 1", Store)]
    [InlineData("$.*.a.*", "update: 5", """{"a":{"x":1,"list":[{"n":"p","v":1},{"n":"q","v":2,"t":null},{"n":"rr","v":3}]},"b":{"x":2,"a":{"x":5}}}""")]
    public void ActionsEdit(string target, string action, string expected) => Assert.Equal(expected, Apply($"overlay: 1.1.0\nactions:\n- target: \"{target.Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n  {action}"));

    [Theory]
    [InlineData("overlay: 1.0.0", "no 'actions'", "")]
    [InlineData("overlay: 1.0.0\nactions: [{update: 1}]", "no target", "/actions/0")]
    [InlineData("overlay: 1.0.0\nactions: [{target: $.a, update: {}}, {target: 'a.b', update: 1}]", "'$' is missing", "/actions/1/target")]
    [InlineData("overlay: 1.0.0\nactions: [{target: '$.a[', remove: true}]", "missing", "/actions/0/target")]
    [InlineData("overlay: 1.0.0\nactions: [{target: '$.a'}]", "neither", "/actions/0/target")]
    [InlineData("overlay: 1.1.0\nactions: [{target: '$.a', copy: '$..x'}]", "3 values", "/actions/0/copy")]
    public void ErrorsNameTheAction(string overlay, string what, string where)
    {
        var error = Assert.Throws<ApiDocumentException>(() => Apply(overlay));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Equal(where, error.Where);
    }

    [Fact]
    public void RandomPathsAreFollowedOrRefused()
    {
        const string alphabet = "$.@[]()?*'\"ab12:,-!=<>&|\\ ";
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var path = "$" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            try
            {
                JsonPath.Parse(path).Select(System.Text.Json.Nodes.JsonNode.Parse(Store));
            }
            catch (JsonPathException)
            {
                // One of the two outcomes that there may be.
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}: {path}: {error}");
            }
        }
    }

    private static string Apply(string overlay) => Encoding.UTF8.GetString(Overlay.Apply(Encoding.UTF8.GetBytes(Store), Encoding.UTF8.GetBytes(overlay), new ReadOptions()).Span);
}
