using System.Text;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.Tests.Unit.OpenApi.Documents;

/// <summary>Documents of every version into the one model.</summary>
public sealed class ApiDocumentTests
{
    [Fact]
    public void Swagger2IsReadWhole()
    {
        var model = Read.Model("""
            swagger: "2.0"
            info: {title: Shop, version: 1.0}
            host: shop.example.com
            basePath: /v1/
            schemes: [http, https]
            consumes: [application/json]
            produces: [application/json]
            securityDefinitions:
              key: {type: apiKey, in: query, name: k}
              app: {type: oauth2, flow: application, tokenUrl: https://shop.example.com/token, scopes: {}}
            security: [{key: []}]
            parameters:
              page: {name: page, in: query, type: array, items: {type: integer}, collectionFormat: pipes}
            paths:
              /pets/{id}:
                parameters:
                  - {name: id, in: path, required: true, type: string}
                get:
                  parameters: [{$ref: '#/parameters/page'}]
                  responses: {200: {description: ok, schema: {$ref: '#/definitions/Pet'}}}
                post:
                  security: []
                  parameters:
                    - {name: photo, in: formData, type: file, required: true}
                    - {name: tags, in: formData, type: array, items: {type: string}, collectionFormat: multi}
                put:
                  parameters:
                    - {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
            definitions:
              Pet: {type: object, properties: {name: {type: string}}}
            """);
        Assert.Equal((ApiFormat.Swagger20, "Shop", "1.0"), (model.Format, model.Title, model.Version));
        Assert.Empty(model.Refusals);
        var (get, post, put) = (model.Operations[0], model.Operations[1], model.Operations[2]);
        Assert.Equal("https://shop.example.com/v1", get.Servers[0].Url);
        Assert.Equal([("id", ParameterPlace.Path, ParameterStyle.Simple), ("page", ParameterPlace.Query, ParameterStyle.PipeDelimited)], get.Parameters.Select(p => (p.Name, p.Place, p.Style)));
        Assert.Equal("key", Assert.Single(Assert.Single(get.Security).Schemes).Key);
        Assert.Equal("object", get.Responses[0].Media[0].Schema.Resolve().Node.GetProperty("type").GetString());
        Assert.Empty(post.Security);
        Assert.Equal("multipart/form-data", post.Body!.Media[0].MediaType);
        Assert.Equal((ParameterStyle.Form, true), (post.Body.Media[0].Encoding["tags"].Style!.Value, post.Body.Media[0].Encoding["tags"].Explode));
        Assert.True(post.Body.IsRequired);
        Assert.Equal("application/json", put.Body!.Media[0].MediaType);
        Assert.Equal((true, "https://shop.example.com/token"), (model.SecuritySchemes["app"].HasClientCredentials, model.SecuritySchemes["app"].TokenUrl));
    }

    [Fact]
    public void OpenApi32HasQueryAndOtherMethodsAndWholeQueries()
    {
        var model = Read.Model("""
            openapi: 3.2.0
            info: {title: t, version: "1"}
            servers: [{url: 'https://{region}.example.com', variables: {region: {default: eu, enum: [eu, us]}}}]
            paths:
              /a:
                query:
                  requestBody: {content: {application/json: {schema: {type: string}}}}
                additionalOperations:
                  COPY:
                    servers: [{url: /copies}]
                    parameters:
                      - {name: q, in: querystring, content: {application/json: {schema: {type: object}}}}
                      - {name: c, in: cookie, style: cookie, schema: {type: array}}
                    responses:
                      2xx: {content: {text/event-stream: {itemSchema: {type: object}}}}
              /b: {$ref: '#/components/pathItems/b'}
            components:
              pathItems: {b: {get: {}}}
            """);
        Assert.Equal(["QUERY", "COPY", "GET"], model.Operations.Select(o => o.Method));
        Assert.Equal("/paths/~1a/additionalOperations/COPY", model.Operations[1].Pointer);
        var copy = model.Operations[1];
        Assert.Equal("/copies", copy.Servers[0].Url);
        Assert.Equal(["eu", "us"], model.Operations[0].Servers[0].Variables["region"].Values);
        Assert.Equal((ParameterPlace.QueryString, "application/json"), (copy.Parameters[0].Place, copy.Parameters[0].MediaType));
        Assert.Equal((ParameterStyle.Cookie, true), (copy.Parameters[1].Style, copy.Parameters[1].Explode));
        Assert.Equal(("2XX", true), (copy.Responses[0].Status, copy.Responses[0].Media[0].ItemSchema is not null));
    }

    [Fact]
    public void OneBadOperationRejectsNothingElse()
    {
        var model = Read.Model("""
            {"openapi":"3.0.0","paths":{
              "/good":{"get":{"operationId":"good"}},
              "/text":"oops", "/null":null, "/lost":{"$ref":"#/nowhere"},
              "/ops":{"get":3,"put":{"parameters":[{"$ref":"#/gone"}]},"post":{"requestBody":7},"delete":{"parameters":[{"name":"x","in":"moon","required":true}]},
                "patch":{"parameters":[null,1,"x",{"name":"y"},{"in":"query"}],"responses":"no","security":{},"tags":{},"servers":3}}}}
            """);
        Assert.Equal(["good", null], model.Operations.Select(o => o.OperationId));
        Assert.Equal(
            [("path_malformed", "/paths/~1text"), ("path_malformed", "/paths/~1null"), ("path_malformed", "/paths/~1lost"), ("operation_malformed", "/paths/~1ops/get"),
                ("reference_not_found", "/paths/~1ops/put/parameters/0"), ("body_malformed", "/paths/~1ops/post/requestBody"), ("parameter_malformed", "/paths/~1ops/delete/parameters/0")],
            model.Refusals.Select(r => (r.Code, r.Pointer)));
        Assert.All(model.Refusals, r => Assert.Contains(r.Code, RefusalCodes.All));
        Assert.All(model.Refusals, r => Assert.NotEmpty(r.Hint));
    }

    [Fact]
    public void PathParametersAreThoseOfTheTemplate()
    {
        var operation = Read.Model("""
            {"openapi":"3.0.0","paths":{"/a/{id}/{other}?x=1&y={z}#frag":{"get":{"parameters":[
              {"name":"ID","in":"path","schema":{"type":"integer"}},{"name":"unused","in":"path","schema":{}}]}}}}
            """).Operations[0];
        Assert.Equal("/a/{id}/{other}", operation.Path);
        Assert.Equal("GET /a/{id}/{other}?x=1&y={z}#frag", operation.Key);
        Assert.Equal([("id", ParameterPlace.Path), ("x", ParameterPlace.Query), ("y", ParameterPlace.Query), ("other", ParameterPlace.Path)], operation.Parameters.Select(p => (p.Name, p.Place)));
        Assert.All(operation.Parameters, p => Assert.True(p.IsRequired));
        Assert.Equal("1", operation.Parameters[1].Schema.Node.GetProperty("const").GetString());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   ", "empty")]
    [InlineData("<html></html>", "HTML")]
    [InlineData("[]", "no object")]
    [InlineData("{}", "neither")]
    [InlineData("just text", "no object")]
    [InlineData("""{"swaggerVersion":"1.2"}""", "too old")]
    [InlineData("""{"openapi":"3.0.0",""", "no JSON")]
    public void WhatIsNoDocumentIsSaidClearly(string text, string what)
    {
        var error = Assert.Throws<ApiDocumentException>(() => Read.Model(text));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Hint);
    }

    [Fact]
    public void BrokenCharactersAreMended()
    {
        var model = Read.Model("""{"openapi":"3.0.0","info":{"title":"a\ud800b\\ud800 \ud83d\ude00"},"paths":{}}""");
        Assert.Equal("a\uFFFDb\\ud800 \U0001F600", model.Title);
        var latin = ApiDocument.Read(Encoding.Latin1.GetBytes("{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"caf\u00e9\"},\"paths\":{}}"));
        Assert.Equal("caf\uFFFD", latin.Title);
        Assert.Equal("t", ApiDocument.Read(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("""{"openapi":"3.0.0","info":{"title":"t"},"paths":{}}""")).ToArray()).Title);
    }

    [Fact]
    public void BoundsHold()
    {
        var many = "{\"openapi\":\"3.0.0\",\"paths\":{" + string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"/p{i}\":{{\"get\":{{}}}}")) + "}}";
        Assert.Contains("10 operations", Assert.Throws<ApiDocumentException>(() => ApiDocument.Read(Encoding.UTF8.GetBytes(many), new ReadOptions { MaximumOperations = 10 })).Message, StringComparison.Ordinal);
        Assert.Contains("bytes", Assert.Throws<ApiDocumentException>(() => ApiDocument.Read(Encoding.UTF8.GetBytes(many), new ReadOptions { MaximumBytes = 100 })).Message, StringComparison.Ordinal);
        Assert.Throws<ApiDocumentException>(() => Read.Model("""{"openapi":"3.0.0","paths":{"/a":""" + string.Concat(Enumerable.Repeat("{\"a\":", 1000)) + "1" + new string('}', 1002)));
    }

    [Fact]
    public async Task SplitFilesKeepTheirOwnBase()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "parts"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "parts", "pets.yaml"), "list:\n  get:\n    operationId: list\n    parameters: [{$ref: 'params.json#/limit'}]\n    responses: {200: {content: {application/json: {schema: {$ref: '#/Pet'}}}}}\nPet: {type: object, properties: {owner: {$ref: '../api.yaml#/components/schemas/Owner'}}}\n");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "parts", "params.json"), """{"limit":{"name":"limit","in":"query","schema":{"type":"integer"}}}""");
            var root = Path.Combine(folder.FullName, "api.yaml");
            await File.WriteAllTextAsync(root, "openapi: 3.1.0\npaths:\n  /pets: {$ref: 'parts/pets.yaml#/list'}\n  /bad: {$ref: '../../../etc/hostname'}\ncomponents: {schemas: {Owner: {type: string}}}\n");
            var model = await ApiDocument.ReadAsync(await File.ReadAllBytesAsync(root), new Uri(root), new FolderSource(folder.FullName, 1000), new ReadOptions(), CancellationToken.None);
            var operation = Assert.Single(model.Operations);
            Assert.Equal("limit", operation.Parameters[0].Name);
            var pet = operation.Responses[0].Media[0].Schema.Resolve();
            Assert.Equal("string", new ApiSchema(pet.Node.GetProperty("properties").GetProperty("owner"), pet.Source).Resolve().Node.GetProperty("type").GetString());
            Assert.Equal("/paths/~1bad", Assert.Single(model.Refusals).Pointer);
            Assert.Contains("outside", Assert.Single(model.Warnings, w => w.Code == WarningCodes.DocumentNotRead).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task LinksOutOfTheFolderAreRefused()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "link.yaml"), "/etc/hostname");
            var source = new FolderSource(folder.FullName, 1000);
            await Assert.ThrowsAsync<ApiDocumentException>(async () => await source.ReadAsync(new Uri(Path.Combine(folder.FullName, "link.yaml")), CancellationToken.None));
            await Assert.ThrowsAsync<ApiDocumentException>(async () => await source.ReadAsync(new Uri("http://localhost/x"), CancellationToken.None));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
