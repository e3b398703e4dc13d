using System.Text.Json.Nodes;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>Random schemas over all keywords, and random values that come near them; the same seed gives the same.</summary>
internal sealed class RandomSchemas(int seed)
{
    private static readonly string[] s_names = ["a", "b", "c", "dd", "e~/x"];
    private static readonly string[] s_patterns = ["^a", "b$", "^[a-c]+$", "\\d", "^\\w{1,3}$", "^(?!x)", "."];
    private readonly Random _random = new(seed);

    // ajv 8.20 takes members and items for evaluated by branches that did not apply (if, $ref, prefixItems, contains), and lets an empty
    // array pass a contains beside prefixItems. So unevaluated… is held by unit tests alone, and a schema has prefixItems or contains.
    private string _arrays = "";
    private bool _refers;

    public JsonNode Schema()
    {
        _arrays = _random.Next(2) == 0 ? "prefixItems" : "contains";
        _refers = true;
        var schema = Node(3);
        if (schema is JsonObject root)
        {
            // A definition that leads to itself without a step into the value has no meaning.
            _refers = false;
            root["$defs"] = new JsonObject { ["one"] = Node(1), ["two"] = Anchored(Node(1)) };
        }

        return schema;
    }

    public JsonNode? Value(int depth = 3) => _random.Next(depth == 0 ? 6 : 9) switch
    {
        0 => null,
        1 => _random.Next(2) == 0,
        2 => _random.Next(-3, 6),
        3 => _random.Next(-6, 12) / 2.0,
        4 or 5 => Text(),
        6 => new JsonArray([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth - 1))]),
        _ => Object(depth),
    };

    private static JsonNode Anchored(JsonNode node)
    {
        if (node is JsonObject named)
        {
            named["$anchor"] = "two";
        }

        return node;
    }

    private JsonObject Object(int depth)
    {
        var value = new JsonObject();
        foreach (var name in s_names.Where(_ => _random.Next(2) == 0))
        {
            value[name] = Value(depth - 1);
        }

        return value;
    }

    private string Text() => new([.. Enumerable.Range(0, _random.Next(5)).Select(_ => "abcx1 é"[_random.Next(7)])]);

    private JsonNode Node(int depth)
    {
        if (_random.Next(12) == 0)
        {
            return JsonValue.Create(_random.Next(4) > 0);
        }

        var schema = new JsonObject();
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            Add(schema, depth);
        }

        return schema;
    }

    private void Add(JsonObject schema, int depth)
    {
        switch (_random.Next(depth == 0 ? 12 : 28))
        {
            case 0 or 1: schema["type"] = Type(); break;
            case 2: schema["enum"] = new JsonArray([.. Enumerable.Range(0, 3).Select(_ => Value(1))]); break;
            case 3: schema["const"] = Value(1); break;
            case 4: schema["minimum"] = _random.Next(-2, 3); break;
            case 5: schema["exclusiveMaximum"] = _random.Next(0, 4) + 0.5; break;
            case 6: schema["multipleOf"] = _random.Next(1, 4) / 2.0; break;
            case 7: schema["minLength"] = _random.Next(3); break;
            case 8: schema["maxLength"] = _random.Next(1, 4); break;
            case 9: schema["pattern"] = s_patterns[_random.Next(s_patterns.Length)]; break;
            case 10: schema["required"] = Names(); break;
            case 11: schema["uniqueItems"] = true; break;
            case 12: schema["properties"] = Map(depth); break;
            case 13: schema["patternProperties"] = new JsonObject { [s_patterns[_random.Next(s_patterns.Length)]] = Node(depth - 1) }; break;
            case 14: schema["additionalProperties"] = Node(depth - 1); break;
            case 15: schema["propertyNames"] = Node(depth - 1); break;
            case 16: schema["items"] = Node(depth - 1); break;
            case 17 when _arrays == "prefixItems": schema["prefixItems"] = List(depth); break;
            case 18 when _arrays == "contains": schema["contains"] = Node(depth - 1); schema["minContains"] = _random.Next(3); break;
            case 19: schema["maxItems"] = _random.Next(4); break;
            case 20: schema["allOf"] = List(depth); break;
            case 21: schema["anyOf"] = List(depth); break;
            case 22: schema["oneOf"] = List(depth); break;
            case 23: schema["not"] = Node(depth - 1); break;
            case 24: schema["if"] = Node(depth - 1); schema["then"] = Node(depth - 1); schema["else"] = Node(depth - 1); break;
            case 25: schema["dependentRequired"] = new JsonObject { [s_names[_random.Next(5)]] = Names() }; break;
            case 26: schema["dependentSchemas"] = Map(depth); break;
            case 27 when _refers: schema["$ref"] = _random.Next(2) == 0 ? "#/$defs/one" : "#/$defs/two"; break;
            default: schema["title"] = "t"; break;
        }
    }

    private JsonNode Type()
    {
        string[] all = ["null", "boolean", "integer", "number", "string", "array", "object"];
        return _random.Next(3) == 0 ? new JsonArray(all[_random.Next(3)], all[_random.Next(3, 7)]) : JsonValue.Create(all[_random.Next(all.Length)]);
    }

    private JsonArray Names() => new([.. s_names.Where(_ => _random.Next(3) == 0).Select(n => (JsonNode)n)]);

    private JsonObject Map(int depth)
    {
        var map = new JsonObject();
        foreach (var name in s_names.Where(_ => _random.Next(2) == 0))
        {
            map[name] = Node(depth - 1);
        }

        return map;
    }

    private JsonArray List(int depth) => new([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Node(depth - 1))]);
}
