using System.Text.Json;

namespace ToolRuntime.OpenApi.Queries;

/// <summary>A JSON value that a query reads or makes: parts of the document stay parts of the document, nothing is copied.</summary>
internal abstract record QueryValue
{
    /// <summary>The value <c>null</c>.</summary>
    public static QueryValue Null { get; } = new ScalarValue(null);

    /// <summary>A value of the document.</summary>
    public static QueryValue Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new ObjectValue(element.EnumerateObject().Select(m => new KeyValuePair<string, QueryValue>(m.Name, new LazyValue(m.Value)))),
        JsonValueKind.Array => new ArrayValue([.. element.EnumerateArray().Select(i => (QueryValue)new LazyValue(i))]),
        JsonValueKind.String => new ScalarValue(element.GetString()),
        JsonValueKind.Number => new ScalarValue(element.GetDouble()) { Digits = element.GetRawText() },
        JsonValueKind.True => new ScalarValue(true),
        JsonValueKind.False => new ScalarValue(false),
        _ => Null,
    };

    /// <summary>This value with its outermost layer read.</summary>
    public virtual QueryValue Read() => this;

    /// <summary>JMESPath's truth: everything but <c>false</c>, <c>null</c>, and what is empty.</summary>
    public abstract bool IsTrue { get; }

    /// <summary>Writes it.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>Whether two values are the same JSON.</summary>
    public static bool AreEqual(QueryValue left, QueryValue right) => (left.Read(), right.Read()) switch
    {
        (ScalarValue a, ScalarValue b) => Equals(a.Value, b.Value),
        (ArrayValue a, ArrayValue b) => a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(p => AreEqual(p.First, p.Second)),
        (ObjectValue a, ObjectValue b) => a.Members.Count == b.Members.Count && a.Members.All(m => b.Members.TryGetValue(m.Key, out var other) && AreEqual(m.Value, other)),
        _ => false,
    };
}

/// <summary>A value of the document that nobody has looked at yet.</summary>
internal sealed record LazyValue(JsonElement Element) : QueryValue
{
    public override bool IsTrue => Read().IsTrue;

    public override QueryValue Read() => Of(Element);

    public override void Write(Utf8JsonWriter writer) => Element.WriteTo(writer);
}

/// <summary><c>null</c>, a boolean, a number (a double) or a string.</summary>
internal sealed record ScalarValue(object? Value) : QueryValue
{
    /// <summary>A number's digits as the document has them, or null.</summary>
    public string? Digits { get; init; }

    public override bool IsTrue => Value switch
    {
        null => false,
        bool truth => truth,
        string text => text.Length > 0,
        _ => true,
    };

    public override void Write(Utf8JsonWriter writer)
    {
        switch (Value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case double when Digits is not null:
                writer.WriteRawValue(Digits);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}

/// <summary>An array.</summary>
internal sealed record ArrayValue(IReadOnlyList<QueryValue> Items) : QueryValue
{
    public override bool IsTrue => Items.Count > 0;

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in Items)
        {
            item.Write(writer);
        }

        writer.WriteEndArray();
    }
}

/// <summary>An object; its members in order, the last of two with one name.</summary>
internal sealed record ObjectValue : QueryValue
{
    public ObjectValue(IEnumerable<KeyValuePair<string, QueryValue>> members)
    {
        var all = new OrderedDictionary<string, QueryValue>(StringComparer.Ordinal);
        foreach (var (name, value) in members)
        {
            all[name] = value;
        }

        Members = all;
    }

    public OrderedDictionary<string, QueryValue> Members { get; }

    public override bool IsTrue => Members.Count > 0;

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in Members)
        {
            writer.WritePropertyName(name);
            value.Write(writer);
        }

        writer.WriteEndObject();
    }
}
