using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Queries;

namespace ToolRuntime.Tests.Unit.OpenApi.Queries;

public sealed class QueryTests
{
    private const string Document = """
        {"a":{"b":{"c":1}},"list":[{"n":"x","v":3,"t":["p","q"]},{"n":"y","v":1,"t":["r"]},{"n":"z","v":2,"t":[]}],"nums":[5,1,4,2,3],"s":"hello","nested":[[1,2],[3,[4]]],"o":{"k1":{"v":1},"k2":{"v":2}},"null":null,"1.50":1.50,"has space":true}
        """;

    [Theory]
    [InlineData("a.b.c", "1")]
    [InlineData("a.x.y", "null")]
    [InlineData("list[0].n", "\"x\"")]
    [InlineData("list[-1].n", "\"z\"")]
    [InlineData("list[9]", "null")]
    [InlineData("list[*].n", """["x","y","z"]""")]
    [InlineData("list[*].t[0]", """["p","r"]""")]
    [InlineData("list[].t[]", """["p","q","r"]""")]
    [InlineData("list[*].missing", "[]")]
    [InlineData("nums[1:3]", "[1,4]")]
    [InlineData("nums[:2]", "[5,1]")]
    [InlineData("nums[::2]", "[5,4,3]")]
    [InlineData("nums[::-1]", "[3,2,4,1,5]")]
    [InlineData("nums[-2:]", "[2,3]")]
    [InlineData("nested[]", "[1,2,3,[4]]")]
    [InlineData("o.*.v", "[1,2]")]
    [InlineData("list[?v > `1`].n", """["x","z"]""")]
    [InlineData("list[?n == 'y'].v | [0]", "1")]
    [InlineData("list[?n != 'y' && v < `3`].n", """["z"]""")]
    [InlineData("list[?n == 'x' || n == 'y'].v", "[3,1]")]
    [InlineData("list[?!t].n", """["z"]""")]
    [InlineData("list[?contains(t, 'r')].n", """["y"]""")]
    [InlineData("list[?starts_with(n, 'x')].n", """["x"]""")]
    [InlineData("list[*].[n, v]", """[["x",3],["y",1],["z",2]]""")]
    [InlineData("list[*].{name: n, first: t[0]}", """[{"name":"x","first":"p"},{"name":"y","first":"r"},{"name":"z","first":null}]""")]
    [InlineData("{count: length(list), keys: keys(o)}", """{"count":3,"keys":["k1","k2"]}""")]
    [InlineData("sort_by(list, &v)[*].n", """["y","z","x"]""")]
    [InlineData("sort_by(list, &n)[0].v", "3")]
    [InlineData("join(',', list[*].n)", "\"x,y,z\"")]
    [InlineData("contains(s, 'ell')", "true")]
    [InlineData("length(s)", "5")]
    [InlineData("list[*].n | [0]", "\"x\"")]
    [InlineData("(list[*].n)[0]", "\"x\"")]
    [InlineData("@.s", "\"hello\"")]
    [InlineData("\"has space\"", "true")]
    [InlineData("\"1.50\"", "1.50")]
    [InlineData("a.b == `{\"c\":1}`", "true")]
    [InlineData("missing || s", "\"hello\"")]
    [InlineData("not_null(missing, a.b.c)", "1")]
    [InlineData("max_by(list, &v).n", "\"x\"")]
    [InlineData("[s, a.b.c]", """["hello",1]""")]
    [InlineData("list[?v >= `2`] | length(@)", "2")]
    [InlineData("list[?n==`y`].v", "[1]")]
    [InlineData("avg(nums)", "3")]
    [InlineData("avg(`[]`)", "null")]
    [InlineData("[max(nums), min(nums), abs(`-3`), ceil(`1.2`), floor(`1.8`)]", "[5,1,3,2,1]")]
    [InlineData("max(list[].n)", "\"z\"")]
    [InlineData("merge(o.k1, `{\"w\":2}`)", """{"v":1,"w":2}""")]
    [InlineData("[to_array(s), to_number('5'), to_number('x')]", """[["hello"],5,null]""")]
    public void GivesWhatJmesPathGives(string query, string expected) => Assert.Equal(expected, Evaluate(query));

    [Theory]
    [InlineData("a.")]
    [InlineData("a[")]
    [InlineData("[")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("'open")]
    [InlineData("a[::0]")]
    [InlineData("#")]
    [InlineData("`{`")]
    [InlineData("unknown(a)")]
    [InlineData("length(`1`)")]
    [InlineData("sort_by(list, &t)")]
    [InlineData("&a")]
    [InlineData("a[1:2:3:4]")]
    public void RefusesWhatIsNoQuery(string query) => Assert.Equal(ApiFaultCode.InvalidArgument, Assert.Throws<ApiFaultException>(() => Evaluate(query)).Fault.Code);

    [Theory]
    [InlineData("unknown(a)")]
    [InlineData("length()")]
    [InlineData("join(',')")]
    public void AFunctionThatIsNotThereIsRefusedBeforeAnythingIsAsked(string query) => Assert.Throws<ApiFaultException>(() => Query.Parse(query));

    [Fact]
    public void WorkAndDepthAreBounded()
    {
        var wide = JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat("1", 2000))}]");
        Assert.Throws<ApiFaultException>(() => Query.Parse("[?contains(`" + $"[{string.Join(',', Enumerable.Repeat("0", 1500))}]" + "`, @)]").Evaluate(wide));
        Assert.Throws<ApiFaultException>(() => Query.Parse(new string('(', 100) + "a" + new string(')', 100)));
        Assert.Throws<ApiFaultException>(() => Query.Parse(new string('a', 5000)));
    }

    [Theory]
    [InlineData("""{"items":[{"id":1,"name":"a","x":2},{"id":2}],"total":2}""", "items.id,items.name", """{"items":[{"id":1,"name":"a"},{"id":2}]}""")]
    [InlineData("""[{"a":{"b":1,"c":2},"d":3}]""", "a.b", """[{"a":{"b":1}}]""")]
    [InlineData("""{"o":{"k":{"v":1,"w":2}}}""", "o.*.v", """{"o":{"k":{"v":1}}}""")]
    [InlineData("""{"a":1}""", "b", "{}")]
    public void ProjectsFields(string document, string fields, string expected)
    {
        var projected = FieldList.Parse(fields.Split(',')).Project(JsonElement.Parse(document));
        Assert.Equal(expected, Encoding.UTF8.GetString(projected.Span));
    }

    private static string Evaluate(string query) => Encoding.UTF8.GetString(Query.Parse(query).Evaluate(JsonElement.Parse(Document)).Span);
}
