using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace ToolRuntime.Sdk.Schemas;

/// <summary>
/// JSON Schema 2020-12 of types, read from the very contracts that bind them. One writer makes one schema: types with members stand
/// in its <c>$defs</c>.
/// </summary>
/// <param name="describe">Documentation of a type or of one of its members, or null.</param>
internal sealed class SchemaWriter(Func<MemberInfo, string?> describe)
{
    private readonly NullabilityInfoContext _nullability = new();
    private readonly Dictionary<Type, string> _names = [];
    private readonly JsonObject _definitions = [];

    /// <summary>Adds what was referred to.</summary>
    public JsonObject Complete(JsonObject root)
    {
        if (_definitions.Count > 0)
        {
            root["$defs"] = _definitions;
        }

        return root;
    }

    /// <summary>The schema of a parameter.</summary>
    /// <exception cref="UntypableException">No JSON can be it.</exception>
    public JsonObject Parameter(ParameterInfo parameter)
    {
        var info = _nullability.Create(parameter);
        return Of(parameter.ParameterType, info, IsNullable(parameter.ParameterType, info.WriteState));
    }

    /// <summary>Whether null may be given for a parameter.</summary>
    public bool AllowsNull(ParameterInfo parameter) => IsNullable(parameter.ParameterType, _nullability.Create(parameter).WriteState);

    /// <summary>The schema of a type that a method returns, with the nullability of <paramref name="info"/>.</summary>
    /// <exception cref="UntypableException">No JSON can be it.</exception>
    public JsonObject Returned(Type type, NullabilityInfo? info) => Of(type, info, IsNullable(type, info?.ReadState ?? NullabilityState.Unknown));

    /// <summary>Nullability of a method's return value.</summary>
    public NullabilityInfo NullabilityOf(ParameterInfo returned) => _nullability.Create(returned);

    private static bool IsNullable(Type type, NullabilityState state) =>
        Nullable.GetUnderlyingType(type) is not null || (!type.IsValueType && state == NullabilityState.Nullable);

    private JsonObject Of(Type declared, NullabilityInfo? info, bool nullable)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        Refuse(type);
        var schema = PlainTypes.SchemaOf(type) ?? (IsTuple(type) ? Tuple(type, info) : Structured(type, info));
        return nullable ? OrNull(schema) : schema;
    }

    private JsonObject Structured(Type type, NullabilityInfo? info)
    {
        var contract = Contract(type);
        return contract.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = Element(contract, info, ElementOf(type, info)) },
            JsonTypeInfoKind.Dictionary => new JsonObject { ["type"] = "object", ["additionalProperties"] = Element(contract, info, info?.GenericTypeArguments.LastOrDefault()) },
            JsonTypeInfoKind.Object => new JsonObject { ["$ref"] = $"#/$defs/{Definition(type, contract)}" },
            _ => [],
        };
    }

    private JsonObject Element(JsonTypeInfo contract, NullabilityInfo? info, NullabilityInfo? element)
    {
        var type = contract.ElementType!;
        var known = element is not null && element.Type == type ? element : null;
        return Of(type, known, known is null ? Nullable.GetUnderlyingType(type) is not null : IsNullable(type, info is null ? NullabilityState.Unknown : known.ReadState));
    }

    private static NullabilityInfo? ElementOf(Type type, NullabilityInfo? info) =>
        type.IsArray ? info?.ElementType : info?.GenericTypeArguments.FirstOrDefault();

    private JsonObject Tuple(Type type, NullabilityInfo? info)
    {
        var items = new JsonArray();
        foreach (var (item, at) in type.GetGenericArguments().Select((t, i) => (t, i)))
        {
            var known = info?.GenericTypeArguments.ElementAtOrDefault(at);
            items.Add(Of(item, known, IsNullable(item, known?.ReadState ?? NullabilityState.Unknown)));
        }

        var length = items.Count;
        return new JsonObject { ["type"] = "array", ["prefixItems"] = items, ["minItems"] = length, ["maxItems"] = length };
    }

    private string Definition(Type type, JsonTypeInfo contract)
    {
        if (_names.TryGetValue(type, out var known))
        {
            return known;
        }

        var name = FreeName(type);
        _names[type] = name;
        var schema = new JsonObject { ["type"] = "object" };
        _definitions[name] = schema;
        if (describe(type) is { } text)
        {
            schema["description"] = text;
        }

        Members(contract, schema);
        return name;
    }

    private void Members(JsonTypeInfo contract, JsonObject schema)
    {
        var members = new JsonObject();
        var required = new JsonArray();
        foreach (var property in contract.Properties.Where(p => !p.IsExtensionData))
        {
            members[property.Name] = Member(property);
            if (property.IsRequired)
            {
                required.Add(property.Name);
            }
        }

        schema["properties"] = members;
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        schema["additionalProperties"] = contract.Properties.Any(p => p.IsExtensionData);
    }

    private JsonObject Member(JsonPropertyInfo property)
    {
        var member = property.AttributeProvider as MemberInfo;
        var info = member switch
        {
            PropertyInfo p => _nullability.Create(p),
            FieldInfo f => _nullability.Create(f),
            _ => null,
        };
        var nullable = Nullable.GetUnderlyingType(property.PropertyType) is not null || (property.IsGetNullable && info?.ReadState != NullabilityState.Unknown);
        JsonObject schema;
        try
        {
            schema = Of(property.PropertyType, info, nullable);
        }
        catch (UntypableException error)
        {
            throw new UntypableException($"{property.DeclaringType.Name}.{member?.Name ?? property.Name}: {error.What}", error.Mend);
        }

        if (member is not null && describe(member) is { } text)
        {
            schema["description"] = text;
        }

        if (property.AssociatedParameter is { HasDefaultValue: true, DefaultValue: { } value })
        {
            schema["default"] = JsonSerializer.SerializeToNode(value, property.PropertyType, JsonContract.Options);
        }

        return schema;
    }

    private string FreeName(Type type)
    {
        var plain = type.Name.Split('`')[0] + string.Concat(type.GetGenericArguments().Select(a => "Of" + a.Name.Split('`')[0]));
        var name = plain;
        for (var i = 2; _definitions.ContainsKey(name); i++)
        {
            name = $"{plain}{i}";
        }

        return name;
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
            (schema["enum"] as JsonArray)?.Add(null);
            return schema;
        }

        return schema.Count == 0 ? schema : new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
    }

    private static bool IsTuple(Type type) => type.IsValueType && type.IsGenericType && typeof(ITuple).IsAssignableFrom(type);

    private static JsonTypeInfo Contract(Type type)
    {
        try
        {
            var contract = JsonContract.Of(type);
            return contract.Kind == JsonTypeInfoKind.Object && contract.Properties.Count == 0 && (type.IsInterface || type.IsAbstract)
                ? throw new UntypableException($"{type.Name} is an interface or abstract and has no members", "use a record or a class")
                : contract;
        }
        catch (Exception error) when (error is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new UntypableException($"{type.Name} has no JSON form ({error.Message.TrimEnd('.')})", "use plain types, lists, records or classes with one constructor");
        }
    }

    private static void Refuse(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer || type.IsByRefLike || type == typeof(nint) || type == typeof(nuint))
        {
            throw new UntypableException($"{type.Name} is memory of this process", "use byte[] or a list");
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            throw new UntypableException($"{type.Name} is a delegate", "a caller can send data only: take a value, or an enum that says what to do");
        }

        if (IsTuple(type) && type.GetGenericArguments().Length > TupleConverterFactory.MaximumItems)
        {
            throw new UntypableException($"a tuple of more than {TupleConverterFactory.MaximumItems} items", "use a record");
        }

        if (type.IsArray && type.GetArrayRank() > 1)
        {
            throw new UntypableException($"{type.Name} has more than one dimension", "use a list of lists");
        }

        if (type == typeof(Type) || typeof(Stream).IsAssignableFrom(type) || typeof(MemberInfo).IsAssignableFrom(type) || typeof(Task).IsAssignableFrom(type))
        {
            throw new UntypableException($"{type.Name} is no data", "use plain types, lists, records or classes");
        }
    }
}
