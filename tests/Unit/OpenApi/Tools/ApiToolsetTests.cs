using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Tools;

/// <summary>Operations as tools.</summary>
public sealed class ApiToolsetTests
{
    private const string Shop = """
        openapi: 3.0.3
        info: {title: Shop, version: "1"}
        x-mcp: {annotations: {openWorldHint: false}}
        components:
          schemas: {Base: {type: object, required: [id, made], properties: {id: {type: integer}, made: {type: string, readOnly: true}}}}
          securitySchemes: {key: {type: apiKey, in: query, name: api_key}}
        security: [{key: []}]
        paths:
          /items/{id}:
            get: {operationId: getItem, summary: Gets an item, tags: [read], parameters: [{name: id, in: path, required: true, schema: {type: string}}, {name: api_key, in: query, schema: {type: string}}, {name: $filter, in: query, schema: {type: string}}]}
            put:
              operationId: putItem
              deprecated: true
              summary: Replaces an item
              description: With all that it has.
              parameters: [{name: id, in: path, required: true, schema: {type: string}}, {name: id, in: query, schema: {type: integer}}, {name: 'f[a]', in: query, schema: {type: string}}, {name: f_a, in: query, schema: {type: string}}]
              requestBody: {required: true, content: {multipart/form-data: {schema: {type: string}}, application/json: {schema: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, required: [name], properties: {name: {type: string}}}]}}}}
            delete: {operationId: deleteItem, x-mcp: {name: drop_it, title: Drop, description: "Drops\u200B it."}}
          /hidden:
            x-mcp: false
            get: {operationId: hidden}
            post: {operationId: shown, x-mcp: true, requestBody: {content: {application/json: {schema: {type: array, items: {type: string}}}}}}
          /free:
            post: {operationId: free, requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {a: {type: string}}, additionalProperties: true}}}}}
            patch: {operationId: raw, requestBody: {required: true, content: {application/octet-stream: {}}}}
        """;

    private static readonly ApiToolset s_shop = Read.Tools(Shop);

    [Fact]
    public void ArgumentsAreFlatUntilTheyClash()
    {
        var tool = s_shop.Find("putItem")!;
        Assert.Equal(
            [("id", BindingTarget.Parameter, "id"), ("id__query", BindingTarget.Parameter, "id"), ("f_a", BindingTarget.Parameter, "f_a"), ("f_a__query", BindingTarget.Parameter, "f[a]"),
                ("id__body", BindingTarget.BodyProperty, "id"), ("name", BindingTarget.BodyProperty, "name")],
            tool.Bindings.Select(b => (b.Argument, b.Target, b.Name)));
        Assert.Equal("application/json", tool.BodyMedia!.MediaType);
        Assert.Equal(["id", "id__body", "name"], tool.Input().GetProperty("required").EnumerateArray().Select(n => n.GetString()));
        Assert.Equal(tool.Bindings.Select(b => b.Argument), tool.Input().GetProperty("properties").EnumerateObject().Select(p => p.Name));
        Assert.False(tool.Input().GetProperty("additionalProperties").GetBoolean());
    }

    [Theory]
    [InlineData("integer", """{"anyOf":[{"type":"integer"},{"type":"string","maxLength":0}]}""")]
    [InlineData("boolean", """{"anyOf":[{"type":"boolean"},{"type":"string","maxLength":0}]}""")]
    [InlineData("string", """{"type":"string"}""")]
    public void AnEmptyValueFitsWhereItIsAllowed(string type, string shown)
    {
        var tool = Read.Tools($$"""
            openapi: 3.0.3
            info: {title: T, version: "1"}
            paths: {/a: {get: {operationId: a, parameters: [{name: q, in: query, allowEmptyValue: true, schema: {type: {{type}} } } ], responses: {} } } }
            """).Tools[0];
        Assert.Equal(shown, tool.Input().GetProperty("properties").GetProperty("q").Text());
    }

    [Theory]
    [InlineData("integer", "integer")]
    [InlineData("boolean", "boolean")]
    [InlineData("object", "string")]
    public void TextThatIsANumberIsGivenAsOne(string type, string shown) => Assert.Equal(shown,
        Read.Tools($$"""
            openapi: 3.0.3
            info: {title: T, version: "1"}
            paths: {/a: {post: {operationId: a, requestBody: {required: true, content: {text/plain: {schema: {type: {{type}} } } } }, responses: {} } } }
            """).Tools[0].Input().GetProperty("properties").GetProperty("body").GetProperty("type").GetString());

    [Fact]
    public void AHeadHasNoOutput() => Assert.Null(
        Read.Tools("""
            openapi: 3.0.3
            info: {title: T, version: "1"}
            paths: {/a: {head: {operationId: a, responses: {"200": {description: d, content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}}}}}
            """).Tools[0].OutputSchema);

    [Fact]
    public void CredentialsAreNoArguments() => Assert.Equal(["id", "filter"], s_shop.Find("getItem")!.Bindings.Select(b => b.Argument));

    [Fact]
    public void BodiesThatAreNoClosedObjectAreOneArgument()
    {
        Assert.Equal(("body", BindingTarget.WholeBody), (s_shop.Find("shown")!.Bindings[0].Argument, s_shop.Find("shown")!.Bindings[0].Target));
        Assert.Equal("array", s_shop.Find("shown")!.Input().GetProperty("properties").GetProperty("body").GetProperty("type").GetString());
        Assert.False(s_shop.Find("shown")!.Input().TryGetProperty("required", out _));
        Assert.Equal(BindingTarget.WholeBody, Assert.Single(s_shop.Find("free")!.Bindings).Target);
        Assert.Equal("base64", s_shop.Find("raw")!.Input().GetProperty("properties").GetProperty("body").GetProperty("contentEncoding").GetString());
    }

    [Theory]
    [InlineData("{type: string}", """{"type":"string","minLength":1}""")]
    [InlineData("{type: string, minLength: 0, nullable: true}", """{"type":"string","minLength":1}""")]
    [InlineData("{type: string, minLength: 3}", """{"type":"string","minLength":3}""")]
    [InlineData("{type: string, enum: [a, null], nullable: true}", """{"type":"string","enum":["a"]}""")]
    [InlineData("{type: integer, nullable: true}", """{"type":"integer"}""")]
    [InlineData("{type: array, items: {type: string}}", """{"type":"array","items":{"type":"string","minLength":1},"minItems":1}""")]
    [InlineData("{type: object, properties: {a: {type: integer}}}", """{"type":"object","minProperties":1}""")]
    [InlineData("{type: object, additionalProperties: false, properties: {a: {type: integer, readOnly: true}}}", """{"type":"string","minLength":1}""")]
    [InlineData("{$ref: '#/components/schemas/Version'}", """{"type":"object","minProperties":1}""")]
    [InlineData("{anyOf: [{type: string}, {type: integer}]}", """{"anyOf":[{"type":"string","minLength":1},{"type":"integer"}]}""")]
    public void AnArgumentOfAPathIsNeverNothing(string given, string shown)
    {
        var tools = Read.Tools($$"""
            openapi: 3.0.3
            info: {title: T, version: "1"}
            components: {schemas: {Version: {type: object, properties: {major: {type: integer} } } } }
            paths: {'/x/{a}': {get: {operationId: x, parameters: [{name: a, in: path, required: true, schema: {{given}} } ] } } }
            """);
        var schema = tools.Find("x")!.Input().GetProperty("properties").GetProperty("a");
        var expected = JsonElement.Parse(shown);
        foreach (var member in expected.EnumerateObject())
        {
            Assert.Equal(member.Value.GetRawText(), schema.GetProperty(member.Name).GetRawText());
        }

        Assert.Equal(expected.TryGetProperty("minLength", out _), schema.TryGetProperty("minLength", out _));
    }

    [Theory]
    [InlineData("text/plain: {schema: {type: string, format: binary}}", "base64")]
    [InlineData("multipart/form-data: {schema: {type: string}}", "base64")]
    [InlineData("text/plain: {schema: {type: string}}", null)]
    public void ABodyIsShownAsItIsTaken(string content, string? encoding)
    {
        var tools = Read.Tools($$"""
            openapi: 3.0.3
            info: {title: T, version: "1"}
            paths: {/x: {post: {operationId: x, requestBody: {required: true, content: { {{content}} } } } } }
            """);
        var body = tools.Find("x")!.Input().GetProperty("properties").GetProperty("body");
        Assert.Equal(encoding, body.TryGetProperty("contentEncoding", out var said) ? said.GetString() : null);
    }

    [Fact]
    public void ABodyWhoseTypeHasNoNameIsSentAsJson()
    {
        var tool = Read.Tools("""
            openapi: 3.0.3
            info: {title: T, version: "1"}
            paths: {/x: {post: {operationId: x, requestBody: {required: true, content: {"": {schema: {type: object, required: [a], properties: {a: {type: string}}}}}}}}}
            """).Find("x")!;
        Assert.Equal(["a"], tool.Bindings.Select(b => b.Argument));
        Assert.Equal("*/*", tool.BodyMedia!.MediaType);
    }

    [Fact]
    public void ToolsSayWhatTheyDo()
    {
        Assert.Equal("Deprecated. Replaces an item\n\nWith all that it has.", s_shop.Find("putItem")!.Description);
        Assert.Equal(("Drop", "Drops it."), (s_shop.Find("drop_it")!.Title, s_shop.Find("drop_it")!.Description));
        Assert.Equal("POST /free", s_shop.Find("free")!.Description);
        Assert.Equal("""{"readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false}""", Encoding.UTF8.GetString(s_shop.Find("getItem")!.Annotations.Span));
        Assert.Equal("""{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":true,"openWorldHint":true}""", Encoding.UTF8.GetString(s_shop.Find("drop_it")!.Annotations.Span));
        Assert.Equal("""{"readOnlyHint":false,"destructiveHint":false,"idempotentHint":false,"openWorldHint":false}""", Encoding.UTF8.GetString(s_shop.Find("free")!.Annotations.Span));
    }

    [Fact]
    public void TheLedgerAccountsForEveryOperation()
    {
        var ledger = s_shop.Ledger();
        Assert.Equal((7, 6, 0, 100.0), (ledger.Operations, ledger.Callable.Count, ledger.Refusals.Count, ledger.CallablePercent));
        Assert.Equal(("GET /hidden", "hidden by x-mcp"), (ledger.Left[0].Key, ledger.Left[0].Text));
        Assert.Null(s_shop.Find("hidden"));
    }

    [Fact]
    public void FiltersChoose()
    {
        Assert.Equal(["getItem"], Names(new ToolOptions { IsReadOnly = true }));
        Assert.Equal(["getItem"], Names(new ToolOptions { Tags = ["READ"] }));
        Assert.DoesNotContain("getItem", Names(new ToolOptions { ExcludedTags = ["read"] }));
        Assert.Equal(["getItem", "putItem"], Names(new ToolOptions { Operations = ["*Item"], ExcludedOperations = ["DELETE *"] }));
        Assert.Equal(["raw"], Names(new ToolOptions { Methods = ["patch"] }));
        Assert.Throws<ArgumentException>(() => Names(new ToolOptions { Prefix = "a b" }));
        Assert.Throws<ArgumentException>(() => Names(new ToolOptions { SchemaBudget = 10 }));

        static IEnumerable<string> Names(ToolOptions options) => Read.Tools(Shop, options).Tools.Select(t => t.Name);
    }

    [Fact]
    public void EverySchemaIsAnObjectWithoutNullBytes()
    {
        foreach (var tool in s_shop.Tools)
        {
            Assert.Equal("object", tool.Input().GetProperty("type").GetString());
            Assert.Equal(JsonValueKind.Object, tool.Input().GetProperty("properties").ValueKind);
        }
    }
}
