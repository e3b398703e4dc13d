using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Queries;

/// <summary>The functions that a query may call; each as JMESPath's specification has it.</summary>
internal static class QueryFunctions
{
    /// <summary>The value of a call.</summary>
    public static QueryValue Call(CallNode call, QueryValue input, QueryRun run) => call.Name switch
    {
        "sort_by" => SortBy(call, input, run),
        "map" when call.Arguments is [ReferenceNode each, var of] => new ArrayValue([.. Array(call, of.Evaluate(input, run)).Select(i => Stepped(each, i, run))]),
        "max_by" => SortBy(call, input, run) is ArrayValue { Items: [.., var last] } ? last : QueryValue.Null,
        "min_by" => SortBy(call, input, run) is ArrayValue { Items: [var first, ..] } ? first : QueryValue.Null,
        _ => Plain(call, [.. call.Arguments.Select(a => a.Evaluate(input, run).Read())], run),
    };

    /// <summary>Whether there is a function of that name which takes that many arguments.</summary>
    public static bool Takes(string name, int arguments) => name switch
    {
        "sort_by" or "map" or "max_by" or "min_by" or "join" or "contains" or "starts_with" or "ends_with" => arguments == 2,
        "length" or "keys" or "values" or "reverse" or "sort" or "sum" or "avg" or "max" or "min" or "abs" or "ceil" or "floor"
            or "to_array" or "to_number" or "to_string" or "type" => arguments == 1,
        "merge" or "not_null" => arguments > 0,
        _ => false,
    };

    private static QueryValue Plain(CallNode call, QueryValue[] arguments, QueryRun run) => (call.Name, arguments) switch
    {
        ("length", [var of]) => Length(call, of),
        ("keys", [ObjectValue of]) => new ArrayValue([.. of.Members.Keys.Select(k => new ScalarValue(k))]),
        ("values", [ObjectValue of]) => new ArrayValue([.. of.Members.Values]),
        ("join", [ScalarValue { Value: string glue }, ArrayValue parts]) => Join(call, glue, parts, run),
        ("contains", [ArrayValue of, var item]) => new ScalarValue(of.Items.Any(i => Counted(i, item, run))),
        ("contains", [ScalarValue { Value: string of }, ScalarValue { Value: string part }]) => new ScalarValue(of.Contains(part, StringComparison.Ordinal)),
        ("starts_with", [ScalarValue { Value: string of }, ScalarValue { Value: string part }]) => new ScalarValue(of.StartsWith(part, StringComparison.Ordinal)),
        ("ends_with", [ScalarValue { Value: string of }, ScalarValue { Value: string part }]) => new ScalarValue(of.EndsWith(part, StringComparison.Ordinal)),
        ("reverse", [ArrayValue of]) => new ArrayValue([.. of.Items.Reverse()]),
        ("sort", [ArrayValue of]) => Sorted(call, of.Items, i => i, run),
        ("sum", [ArrayValue of]) => new ScalarValue(Sum(call, of)),
        ("avg", [ArrayValue of]) => of.Items.Count == 0 ? QueryValue.Null : new ScalarValue(Sum(call, of) / of.Items.Count),
        ("max", [ArrayValue of]) => Sorted(call, of.Items, i => i, run).Items is [.., var last] ? last : QueryValue.Null,
        ("min", [ArrayValue of]) => Sorted(call, of.Items, i => i, run).Items is [var first, ..] ? first : QueryValue.Null,
        ("abs", [ScalarValue { Value: double of }]) => new ScalarValue(Math.Abs(of)),
        ("ceil", [ScalarValue { Value: double of }]) => new ScalarValue(Math.Ceiling(of)),
        ("floor", [ScalarValue { Value: double of }]) => new ScalarValue(Math.Floor(of)),
        ("merge", _) => Merged(call, arguments),
        ("to_array", [var of]) => of is ArrayValue ? of : new ArrayValue([of]),
        ("to_number", [var of]) => ToNumber(of),
        ("not_null", _) => arguments.FirstOrDefault(a => a is not ScalarValue { Value: null }) ?? QueryValue.Null,
        ("to_string", [var of]) => new ScalarValue(of is ScalarValue { Value: string text } ? text : Json(of, run)),
        ("type", [var of]) => new ScalarValue(Type(of)),
        _ => throw Wrong(call),
    };

    private static QueryValue Length(CallNode call, QueryValue of) => new ScalarValue((double)(of switch
    {
        ArrayValue array => array.Items.Count,
        ObjectValue o => o.Members.Count,
        ScalarValue { Value: string text } => text.EnumerateRunes().Count(),
        _ => throw Wrong(call),
    }));

    private static double Sum(CallNode call, ArrayValue of) => of.Items.Sum(i => i.Read() is ScalarValue { Value: double n } ? n : throw Wrong(call));

    /// <summary>Of members with one name the last counts.</summary>
    private static ObjectValue Merged(CallNode call, QueryValue[] arguments) => new(arguments
        .SelectMany(a => a is ObjectValue of ? of.Members : throw Wrong(call))
        .GroupBy(m => m.Key, StringComparer.Ordinal).Select(g => g.Last()));

    private static QueryValue ToNumber(QueryValue of) => of switch
    {
        ScalarValue { Value: double } => of,
        ScalarValue { Value: string text } when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => new ScalarValue(number),
        _ => QueryValue.Null,
    };

    private static QueryValue Join(CallNode call, string glue, ArrayValue parts, QueryRun run)
    {
        run.Step(parts.Items.Count * (1 + (glue.Length / 8)));
        return new ScalarValue(string.Join(glue, parts.Items.Select(i => i.Read() is ScalarValue { Value: string text } ? text : throw Wrong(call))));
    }

    private static QueryValue SortBy(CallNode call, QueryValue input, QueryRun run) => call.Arguments is [var of, ReferenceNode by]
        ? Sorted(call, Array(call, of.Evaluate(input, run)), i => Stepped(by, i, run), run)
        : throw Wrong(call);

    private static ArrayValue Sorted(CallNode call, IReadOnlyList<QueryValue> items, Func<QueryValue, QueryValue> key, QueryRun run)
    {
        run.Step(items.Count * 4);
        var keyed = items.Select(i => (Item: i, Key: (key(i).Read() as ScalarValue)?.Value)).ToList();
        if (keyed.All(k => k.Key is double))
        {
            return new ArrayValue([.. keyed.OrderBy(k => (double)k.Key!).Select(k => k.Item)]);
        }

        return keyed.All(k => k.Key is string)
            ? new ArrayValue([.. keyed.OrderBy(k => (string)k.Key!, StringComparer.Ordinal).Select(k => k.Item)])
            : throw Wrong(call);
    }

    private static IReadOnlyList<QueryValue> Array(CallNode call, QueryValue value) => value.Read() is ArrayValue array ? array.Items : throw Wrong(call);

    private static QueryValue Stepped(ReferenceNode each, QueryValue item, QueryRun run)
    {
        run.Step();
        return each.Expression.Evaluate(item, run);
    }

    private static bool Counted(QueryValue left, QueryValue right, QueryRun run)
    {
        run.Step();
        return QueryValue.AreEqual(left, right);
    }

    private static string Json(QueryValue value, QueryRun run)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            value.Write(writer);
        }

        run.Step((int)(text.Length / 8));
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static string Type(QueryValue value) => value switch
    {
        ArrayValue => "array",
        ObjectValue => "object",
        ScalarValue { Value: string } => "string",
        ScalarValue { Value: double } => "number",
        ScalarValue { Value: bool } => "boolean",
        _ => "null",
    };

    private static Faults.ApiFaultException Wrong(CallNode call) =>
        QueryRun.Fault(string.Create(CultureInfo.InvariantCulture, $"calls {call.Name} with {call.Arguments.Count} arguments, which do not fit it or which it does not have"));
}
