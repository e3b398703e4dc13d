namespace ToolRuntime.Tests.Unit.OpenApi.Requests;

/// <summary>Which parts of a multipart body are bytes, and what stands around them.</summary>
public sealed class MultipartTests
{
    private const string Multipart = "multipart/form-data";
    private const string File = "name=\"f\"; filename=\"f\"\r\nContent-Type: application/octet-stream\r\n\r\nhi!";
    private const string Binary = """{"type":"string","format":"binary"}""";

    [Theory]
    [InlineData("""{"anyOf":[{"type":"string","format":"binary"},{"type":"null"}]}""", "\"aGkh\"")]
    [InlineData("""{"anyOf":[{"type":"array","items":{"type":"string","format":"binary"}},{"type":"null"}]}""", "[\"aGkh\"]")]
    [InlineData("""{"type":"array","items":{"oneOf":[{"$ref":"#/components/schemas/File"},{"type":"null"}]}}""", "[\"aGkh\"]")]
    [InlineData("""{"allOf":[{"$ref":"#/components/schemas/File"}]}""", "\"aGkh\"")]
    [InlineData("""{"anyOf":[{"anyOf":[{"type":"string","contentMediaType":"application/octet-stream"}]},{"type":"null"}]}""", "\"aGkh\"")]
    [InlineData("{}", "\"aGkh\"")]
    [InlineData("""{"type":"array","items":{"description":"A file"}}""", "[\"aGkh\"]")]
    [InlineData("""{"type":"array"}""", "[\"aGkh\"]")]
    public async Task FilesAreFoundBelowCombinationsAndWhereNothingIsSaid(string schema, string value) =>
        Assert.Equal(File, (await Sent.OfAsync(Sent.Document(Multipart, Sent.Object("f", schema), "3.1.0", components: $$"""{"File":{{Binary}}}"""), $$"""{"f":{{value}}}""")).Part("f"));

    [Theory]
    [InlineData("{}", "3.0.3", "{}")]
    [InlineData("""{"enum":["aGkh"]}""", "3.1.0", "{}")]
    [InlineData("""{"type":"string"}""", "3.1.0", "{}")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "3.1.0", "{}")]
    [InlineData("{}", "3.1.0", """{"f":{"contentType":"text/csv"}}""")]
    public async Task TextStaysText(string schema, string version, string encoding) =>
        Assert.EndsWith("\r\n\r\naGkh", (await Sent.OfAsync(Sent.Document(Multipart, Sent.Object("f", schema), version, encoding), """{"f":"aGkh"}""")).Part("f"), StringComparison.Ordinal);

    /// <summary>OpenAPI 3.2, Media Type Object, prefixEncoding: each part without a name has an encoding of its own.</summary>
    [Fact]
    public async Task PartsWithoutNamesAreWrittenByTheirPlace()
    {
        var document = """
            {"openapi":"3.2.0","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"a","requestBody":{"required":true,"content":{"multipart/mixed":{
              "schema":{"type":"array","prefixItems":[{"type":"object"},{}]},"prefixEncoding":[{},{"contentType":"image/png"}]} } },"responses":{} } } } }
            """;
        var sent = await Sent.OfAsync(document, """{"body":[{"k":1},"aGkh"]}""");
        Assert.Contains("Content-Type: application/json\r\n\r\n{\"k\":1}", sent.Body, StringComparison.Ordinal);
        Assert.Contains("Content-Type: image/png\r\n\r\nhi!", sent.Body, StringComparison.Ordinal);
    }

    /// <summary>OpenAPI 3.1, "Considerations for File Uploads": what the schema encodes is encoded on the wire.</summary>
    [Theory]
    [InlineData("""{"type":"string","contentMediaType":"image/png","contentEncoding":"base64"}""", "aGkh")]
    [InlineData("""{"type":"string","format":"binary"}""", "hi!")]
    [InlineData("{}", "hi!")]
    public async Task AWholeBodyIsEncodedWhereItsSchemaSaysSo(string schema, string expected) =>
        Assert.Equal(expected, (await Sent.OfAsync(Sent.Document("image/png", schema, "3.1.0"), """{"body":"aGkh"}""")).Body);

    [Fact]
    public void WhatGoesAsBytesIsShownAsBytes()
    {
        var schema = """{"type":"object","properties":{"f":{"description":"A file"},"g":{"type":"array","items":{}},"h":{}}}""";
        var shown = Read.Tools(Sent.Document(Multipart, schema, "3.1.0", """{"h":{"contentType":"application/json"}}""")).Tools[0].Input().GetProperty("properties");

        Assert.Equal("base64", shown.GetProperty("f").GetProperty("contentEncoding").GetString());
        Assert.StartsWith("A file", shown.GetProperty("f").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal("base64", shown.GetProperty("g").GetProperty("items").GetProperty("contentEncoding").GetString());
        Assert.Equal("{}", shown.GetProperty("h").GetRawText());
    }

    [Theory]
    [InlineData("3.0.3", """{"f":{"style":"form"}}""")]
    [InlineData("3.1.0", """{"f":{"style":"form"}}""")]
    public async Task AStyleDoesNotMakeTextOfFiles(string version, string encoding) =>
        Assert.Equal(File, (await Sent.OfAsync(Sent.Document(Multipart, Sent.Object("f", $$"""{"type":"array","items":{{Binary}}}"""), version, encoding), """{"f":["aGkh"]}""")).Part("f"));

    /// <summary>OpenAPI 3.0.4, Encoding Object: a style is ignored where the body is no form; 3.1 has it for multipart too.</summary>
    [Theory]
    [InlineData("3.0.3", """{"f":{"style":"spaceDelimited"}}""", "1")]
    [InlineData("3.1.0", """{"f":{"style":"spaceDelimited"}}""", "1 2")]
    [InlineData("3.1.0", """{"f":{"explode":false}}""", "1,2")]
    [InlineData("3.1.0", "{}", "1")]
    public async Task AStyleIsOneFromThreeOneOn(string version, string encoding, string first) =>
        Assert.EndsWith($"\r\n\r\n{first}", (await Sent.OfAsync(Sent.Document(Multipart, Sent.Object("f", """{"type":"array","items":{"type":"integer"}}"""), version, encoding), """{"f":[1,2]}""")).Part("f"), StringComparison.Ordinal);

    [Fact]
    public async Task FileArraysOfSwaggerAreFiles()
    {
        var document = """
            {"swagger":"2.0","info":{"title":"t","version":"1"},"host":"a.example","paths":{"/a":{"post":{"operationId":"a","responses":{},
              "parameters":[{"name":"f","in":"formData","type":"array","items":{"type":"file"},"collectionFormat":"multi"}] } } } }
            """;
        Assert.Equal(File, (await Sent.OfAsync(document, """{"f":["aGkh"]}""")).Part("f"));
    }

    [Theory]
    [InlineData("""{"explode":true}""", "f=1&f=2")]
    [InlineData("""{"explode":false}""", "f=1,2")]
    [InlineData("""{"allowReserved":true}""", "f=1&f=2")]
    [InlineData("""{"contentType":"text/plain"}""", "f=1&f=2")]
    public async Task OneKeywordOfAStyleBringsTheOthers(string encoding, string body) =>
        Assert.Equal(body, (await Sent.OfAsync(Sent.Document("application/x-www-form-urlencoded", Sent.Object("f", """{"type":"array","items":{"type":"integer"}}"""), encoding: $$"""{"f":{{encoding}}}"""), """{"f":[1,2]}""")).Body);

    [Fact]
    public async Task PropertiesWithoutANameCanBeFiles() =>
        Assert.Equal(File, (await Sent.OfAsync(Sent.Document(Multipart, $$"""{"type":"object","additionalProperties":{{Binary}}}"""), """{"body":{"f":"aGkh"}}""")).Part("f"));

    [Fact]
    public async Task TheBoundaryOfTheDocumentIsNotTaken() =>
        Assert.Equal("multipart/form-data; boundary=B", (await Sent.OfAsync(Sent.Document("multipart/form-data; boundary=xyz", Sent.Object("f", Binary)), """{"f":"aGkh"}""")).Type);

    [Theory]
    [InlineData("""{"type":"string","format":"binary"}""", Multipart)]
    [InlineData("""{"type":"array","items":{"type":"string","format":"binary"}}""", Multipart)]
    [InlineData("""{"type":"string","format":"byte"}""", "application/json")]
    public void FilesGoAsMultipartWhereTheyMay(string schema, string media)
    {
        var body = Sent.Object("f", schema);
        var document = Sent.Document("application/json", body).Replace("\"application/json\":", $$"""
            "{{Multipart}}":{"schema":{{body}}},"application/json":
            """, StringComparison.Ordinal);
        Assert.Equal(media, Read.Tools(document).Tools[0].BodyMedia!.MediaType);
    }
}
