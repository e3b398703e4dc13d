namespace ToolRuntime.OpenApi.Queries;

/// <summary>A part of a query.</summary>
internal abstract record QueryNode
{
    /// <summary>Its value for <paramref name="input"/>.</summary>
    public abstract QueryValue Evaluate(QueryValue input, QueryRun run);
}

/// <summary><c>@</c>.</summary>
internal sealed record CurrentNode : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run) => input;
}

/// <summary>A literal.</summary>
internal sealed record LiteralNode(QueryValue Value) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run) => Value;
}

/// <summary><c>name</c>.</summary>
internal sealed record FieldNode(string Name) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        run.Step();
        return input.Read() is ObjectValue o && o.Members.TryGetValue(Name, out var value) ? value : QueryValue.Null;
    }
}

/// <summary><c>[0]</c>, from the end if below 0.</summary>
internal sealed record IndexNode(int Index) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        run.Step();
        if (input.Read() is not ArrayValue array)
        {
            return QueryValue.Null;
        }

        var index = Index < 0 ? array.Items.Count + Index : Index;
        return index >= 0 && index < array.Items.Count ? array.Items[index] : QueryValue.Null;
    }
}

/// <summary><c>[from:to:step]</c>, as Python has it.</summary>
internal sealed record SliceNode(int? From, int? To, int Step) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        if (input.Read() is not ArrayValue { Items: var items })
        {
            return QueryValue.Null;
        }

        run.Step(items.Count);
        var (low, high) = Step > 0 ? (0, items.Count) : (-1, items.Count - 1);
        var from = Place(From, Step > 0 ? low : high, items.Count, low, high);
        var to = Place(To, Step > 0 ? high : low, items.Count, low, high);
        var taken = new List<QueryValue>();
        for (var i = (long)from; Step > 0 ? i < to : i > to; i += Step)
        {
            taken.Add(items[(int)i]);
        }

        return new ArrayValue(taken);
    }

    private static int Place(int? given, int otherwise, int count, int low, int high) =>
        given is { } place ? Math.Clamp(place < 0 ? place + count : place, low, high) : otherwise;
}

/// <summary><c>a.b</c> and <c>a | b</c>: the one's value is the other's input.</summary>
internal sealed record ThenNode(QueryNode Left, QueryNode Right) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        run.Step();
        return Right.Evaluate(Left.Evaluate(input, run), run);
    }
}

/// <summary>What comes after <c>[*]</c>, <c>*</c>, <c>[]</c>, <c>[?…]</c> and a slice is done for each item; items without a value fall out.</summary>
internal sealed record ProjectionNode(QueryNode Items, QueryNode Each) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        if (Items.Evaluate(input, run).Read() is not ArrayValue array)
        {
            return QueryValue.Null;
        }

        var results = new List<QueryValue>();
        foreach (var item in array.Items)
        {
            run.Step();
            var result = Each.Evaluate(item, run);
            if (result.Read() is not ScalarValue { Value: null })
            {
                results.Add(result);
            }
        }

        return new ArrayValue(results);
    }
}

/// <summary>The values of an object (<c>*</c>).</summary>
internal sealed record ValuesNode(QueryNode Of) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run) =>
        Of.Evaluate(input, run).Read() is ObjectValue o ? new ArrayValue([.. o.Members.Values]) : QueryValue.Null;
}

/// <summary>One level of arrays in arrays taken away (<c>[]</c>).</summary>
internal sealed record FlattenNode(QueryNode Of) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        if (Of.Evaluate(input, run).Read() is not ArrayValue array)
        {
            return QueryValue.Null;
        }

        var flat = new List<QueryValue>();
        foreach (var item in array.Items)
        {
            var inner = item.Read() as ArrayValue;
            run.Step(1 + (inner?.Items.Count ?? 0));
            flat.AddRange(inner?.Items ?? [item]);
        }

        return new ArrayValue(flat);
    }
}

/// <summary>The items for which a condition holds (<c>[?…]</c>).</summary>
internal sealed record FilterNode(QueryNode Of, QueryNode Condition) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        if (Of.Evaluate(input, run).Read() is not ArrayValue array)
        {
            return QueryValue.Null;
        }

        run.Step(array.Items.Count);
        return new ArrayValue([.. array.Items.Where(i => Condition.Evaluate(i, run).IsTrue)]);
    }
}

/// <summary><c>[a, b]</c>.</summary>
internal sealed record ListNode(IReadOnlyList<QueryNode> Items) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        run.Step(Items.Count);
        return input.Read() is ScalarValue { Value: null } ? QueryValue.Null : new ArrayValue([.. Items.Select(i => i.Evaluate(input, run))]);
    }
}

/// <summary><c>{x: a, y: b}</c>.</summary>
internal sealed record HashNode(IReadOnlyList<KeyValuePair<string, QueryNode>> Members) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        run.Step(Members.Count);
        return input.Read() is ScalarValue { Value: null }
            ? QueryValue.Null
            : new ObjectValue(Members.Select(m => new KeyValuePair<string, QueryValue>(m.Key, m.Value.Evaluate(input, run))));
    }
}

/// <summary><c>||</c> and <c>&amp;&amp;</c>.</summary>
internal sealed record EitherNode(QueryNode Left, QueryNode Right, bool IsAnd) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        run.Step();
        var left = Left.Evaluate(input, run);
        return left.IsTrue == IsAnd ? Right.Evaluate(input, run) : left;
    }
}

/// <summary><c>!</c>.</summary>
internal sealed record NotNode(QueryNode Of) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run) => new ScalarValue(!Of.Evaluate(input, run).IsTrue);
}

/// <summary><c>==</c>, <c>!=</c>, and the order of numbers.</summary>
internal sealed record CompareNode(QueryNode Left, string Operator, QueryNode Right) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        run.Step();
        var (left, right) = (Left.Evaluate(input, run), Right.Evaluate(input, run));
        if (Operator is "==" or "!=")
        {
            return new ScalarValue(QueryValue.AreEqual(left, right) == (Operator == "=="));
        }

        return (left.Read(), right.Read()) is (ScalarValue { Value: double a }, ScalarValue { Value: double b })
            ? new ScalarValue(Operator switch { "<" => a < b, "<=" => a <= b, ">" => a > b, _ => a >= b })
            : QueryValue.Null;
    }
}

/// <summary><c>&amp;expression</c>: only ever an argument of a function.</summary>
internal sealed record ReferenceNode(QueryNode Expression) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run) => throw QueryRun.Fault("has & where no function takes it");
}

/// <summary>A function's call.</summary>
internal sealed record CallNode(string Name, IReadOnlyList<QueryNode> Arguments) : QueryNode
{
    public override QueryValue Evaluate(QueryValue input, QueryRun run)
    {
        run.Step();
        return QueryFunctions.Call(this, input, run);
    }
}
