using System.Text;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Documents;

/// <summary>Random damage to good documents: nothing but an <see cref="ApiDocumentException"/> may come of it. A failure prints the seed.</summary>
public sealed class WrongTypesTests
{
    private const int Rounds = 4_000;

    private static readonly string[] s_documents =
    [
        """
        {"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"https://a/{v}","variables":{"v":{"default":"x","enum":["x"]}}}],
         "paths":{"/p/{id}":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string","pattern":"^a+$"}}],
          "post":{"operationId":"o","tags":["t"],"security":[{"k":[]}],"x-mcp":{"name":"n"},"parameters":[{"$ref":"#/components/parameters/q"}],
           "requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}},"multipart/form-data":{"schema":{"type":"object"},"encoding":{"f":{"style":"form","headers":{"h":{"schema":{}}}}}}}},
           "responses":{"200":{"description":"d","headers":{"X":{}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}}},
         "components":{"parameters":{"q":{"name":"q","in":"query","style":"form","explode":false,"schema":{"type":"array","items":{"type":"integer","minimum":1}}}},
          "securitySchemes":{"k":{"type":"apiKey","in":"header","name":"K"}},
          "schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/B"},{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/components/schemas/A"},"e":{"enum":["x",1,null],"nullable":true}}}],
            "discriminator":{"propertyName":"a","mapping":{"x":"#/components/schemas/B"}}},
           "B":{"oneOf":[{"$ref":"#/components/schemas/A"},{"type":["string","null"],"format":"binary","examples":["x"]}],"additionalProperties":{"not":{"const":1}}}}}}
        """,
        """
        {"swagger":"2.0","info":{"title":"t","version":"1"},"host":"h","basePath":"/b","schemes":["https"],"consumes":["application/json"],"produces":["application/json"],
         "paths":{"/p":{"get":{"operationId":"g","parameters":[{"name":"a","in":"query","type":"array","items":{"type":"string"},"collectionFormat":"multi"},{"name":"b","in":"body","schema":{"$ref":"#/definitions/D"}}],
          "responses":{"200":{"description":"d","schema":{"$ref":"#/definitions/D"}}}},"post":{"parameters":[{"name":"f","in":"formData","type":"file"}]}}},
         "securityDefinitions":{"o":{"type":"oauth2","flow":"application","tokenUrl":"u"}},
         "definitions":{"D":{"type":"object","properties":{"d":{"$ref":"#/definitions/D"},"n":{"type":"number","exclusiveMinimum":true,"minimum":1,"x-nullable":true}}}}}
        """,
    ];

    [Fact]
    public void DamageIsSurvived()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var document = JsonNode.Parse(s_documents[random.Next(s_documents.Length)])!;
            for (var hits = random.Next(1, 5); hits > 0; hits--)
            {
                Damage(document, random);
            }

            var text = document.ToJsonString().Replace("LONE", "\\ud83d", StringComparison.Ordinal);
            try
            {
                var tools = ApiToolset.Build(ApiDocument.Read(Encoding.UTF8.GetBytes(text)), new ToolOptions(), null);
                Assert.Equal(tools.Ledger().Operations, tools.Ledger().Callable.Count + tools.Ledger().Refusals.Count);
            }
            catch (ApiDocumentException)
            {
                // One of the two outcomes that there may be.
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}, round {round}: {error}\n{text}");
            }
        }
    }

    [Fact]
    public void RandomYamlIsReadOrRefused()
    {
        const string alphabet = "ab:-[]{},&*!|>'\"#%@`?\n\n  \t~<1.0xé\u0000";
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < Rounds * 2; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            try
            {
                System.Text.Json.JsonElement.Parse(DocumentText.ToJson(Encoding.UTF8.GetBytes("k: " + text), new ReadOptions()).Span);
            }
            catch (ApiDocumentException)
            {
                // One of the two outcomes that there may be.
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}, round {round}: {error}\n{text}");
            }
        }
    }

    private static void Damage(JsonNode root, Random random)
    {
        var places = new List<JsonNode>();
        Collect(root, places);
        switch (places[random.Next(places.Count)])
        {
            case JsonObject map when map.Count > 0:
                var name = map.ElementAt(random.Next(map.Count)).Key;
                var value = Junk(random);
                if (random.Next(4) == 0)
                {
                    map[random.Next(2) == 0 ? "$ref" : "allOf"] = value;
                }
                else
                {
                    map[name] = value;
                }

                break;
            case JsonArray list when list.Count > 0:
                list[random.Next(list.Count)] = Junk(random);
                break;
        }
    }

    private static JsonNode? Junk(Random random) => JsonNode.Parse((random.Next(16)) switch
    {
        0 => "null", 1 => "0", 2 => "-1.5", 3 => "true", 4 => "\"\"", 5 => "\"#/components/schemas/A\"", 6 => "[]", 7 => "{}", 8 => "[null,1,{}]",
        9 => """{"$ref":"#/components/schemas/B"}""", 10 => """{"type":"object","properties":{"$ref":1,"x":{"readOnly":true}}}""", 11 => "\"(a+)+$[\"",
        12 => """{"allOf":[{"$ref":"#/paths"},{"$ref":"#"}]}""", 13 => "1e400", 14 => "\"LONE\"", _ => "\"other.yaml#/x\"",
    });

    private static void Collect(JsonNode? node, List<JsonNode> places)
    {
        if (node is JsonObject or JsonArray)
        {
            places.Add(node);
            foreach (var child in node is JsonObject map ? map.Select(m => m.Value) : (JsonArray)node)
            {
                Collect(child, places);
            }
        }
    }
}
