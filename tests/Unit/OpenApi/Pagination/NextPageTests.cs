using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Pagination;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Pagination;

public sealed class NextPageTests
{
    [Theory]
    [InlineData("page:integer,per_page:integer", "{}", "<https://x/y?page=2&per_page=30>; rel=\"next\", <https://x/y?page=9>; rel=\"last\"", "[]", """{"page":2,"per_page":30}""")]
    [InlineData("page:integer", """{"page":1}""", "<https://x/y?page=1>; rel=\"prev\", <https://x/y?page=2>; title=\"a, b\"; rel=\"next\"", "[]", """{"page":2}""")]
    [InlineData("page:integer", "{}", "<https://x/y?page=9>; rel=\"last\"", "[]", null)]
    [InlineData("cursor", "{}", "", """{"items":[],"next_cursor":"abc"}""", """{"cursor":"abc"}""")]
    [InlineData("cursor", """{"cursor":"abc"}""", "", """{"next_cursor":"abc"}""", null)]
    [InlineData("cursor", "{}", "", """{"next_cursor":""}""", null)]
    [InlineData("cursor", "{}", "", """{"response_metadata":{"next_cursor":"x="}}""", """{"cursor":"x="}""")]
    [InlineData("pageToken", "{}", "", """{"nextPageToken":"t"}""", """{"pageToken":"t"}""")]
    [InlineData("after", "{}", "", """{"paging":{"cursors":{"after":"z"}}}""", """{"after":"z"}""")]
    [InlineData("offset:integer,limit:integer", """{"limit":2}""", "", """{"data":[1,2]}""", """{"offset":2}""")]
    [InlineData("offset:integer,limit:integer", """{"limit":2,"offset":2}""", "", """{"data":[1]}""", null)]
    [InlineData("offset:integer", """{"offset":4}""", "", """{"data":[1,2],"total":10}""", """{"offset":6}""")]
    [InlineData("offset:integer", """{"offset":8}""", "", """{"data":[1,2],"total":10}""", null)]
    [InlineData("page:integer", "{}", "", """{"data":[1],"total_pages":3}""", """{"page":2}""")]
    [InlineData("page:integer", """{"page":3}""", "", """{"data":[1],"total_pages":3}""", null)]
    [InlineData("starting_after", "{}", "", """{"data":[{"id":"a"},{"id":"b"}],"has_more":true}""", """{"starting_after":"b"}""")]
    [InlineData("starting_after", "{}", "", """{"data":[{"id":"b"}],"has_more":false}""", null)]
    [InlineData("skip:integer,top:integer", "{}", "", """{"value":[1],"@odata.nextLink":"https://x/y?skip=20&top=10"}""", """{"skip":20,"top":10}""")]
    [InlineData("page:integer", "{}", "", """{"_links":{"next":{"href":"/y?page=2"}}}""", """{"page":2}""")]
    [InlineData("page:integer", "{}", "", """{"next":"https://x/y?page=2","results":[]}""", """{"page":2}""")]
    [InlineData("page:integer", "{}", "", """{"next":null,"results":[1]}""", null)]
    [InlineData("q", "{}", "", """{"next_cursor":"abc"}""", null)]
    [InlineData("PageSize:integer,Page:integer,PageToken", """{"PageSize":2}""", "", """{"calls":[1],"next_page_uri":"/a.json?PageSize=2&Page=1&PageToken=PA1"}""", """{"Page":1,"PageToken":"PA1"}""")]
    [InlineData("limit:integer,continue", """{"limit":2}""", "", """{"metadata":{"continue":"T"},"items":[1,2]}""", """{"continue":"T"}""")]
    [InlineData("after,first:integer", """{"first":1}""", "", """{"nodes":[1],"pageInfo":{"hasNextPage":false,"endCursor":"E"}}""", null)]
    [InlineData("marker", "{}", "", """{"entries":[1],"next_marker":"m"}""", """{"marker":"m"}""")]
    [InlineData("page:integer", "{}", "", """{"droplets":[1],"links":{"pages":{"next":"https://x/y?page=2"}}}""", """{"page":2}""")]
    [InlineData("offset,limit:integer", """{"limit":1}""", "", """{"data":[1],"next_page":{"offset":"eyJ","uri":"https://x/y?limit=1&offset=eyJ"}}""", """{"offset":"eyJ"}""")]
    [InlineData("offset:string,pageSize:integer", """{"pageSize":1}""", "", """{"records":[1],"offset":"itr/1"}""", """{"offset":"itr/1"}""")]
    [InlineData("offset:string,pageSize:integer", """{"pageSize":1}""", "", """{"records":[1]}""", null)]
    [InlineData("pagination_token", "{}", "", """{"data":[1],"meta":{"next_token":"7"}}""", """{"pagination_token":"7"}""")]
    [InlineData("page:integer", "{}", "", """{"links":[{"rel":"self","href":"/y?page=1"},{"rel":"next","href":"/y?page=2"}],"items":[1]}""", """{"page":2}""")]
    [InlineData("page:integer", """{"page":1}""", "", """{"items":[1],"has_more":true}""", """{"page":2}""")]
    [InlineData("page:integer", "{}", "", """{"content":[1],"totalPages":3,"number":0,"last":false}""", """{"page":1}""")]
    [InlineData("page:integer", """{"page":2}""", "", """{"content":[1],"totalPages":3,"number":2,"last":true}""", null)]
    [InlineData("page:integer", "{}", "", """{"data":[1],"meta":{"pagination":{"current_page":1,"total_pages":9}}}""", """{"page":2}""")]
    [InlineData("start:integer", "{}", "", """{"data":[1],"additional_data":{"pagination":{"more_items_in_collection":true,"next_start":100}}}""", """{"start":100}""")]
    [InlineData("next_page_token", "{}", "", """{"next_page_token":"z","meetings":[1]}""", """{"next_page_token":"z"}""")]
    [InlineData("offset:integer,limit:integer", """{"limit":2}""", "", """{"next":null,"results":[1,2]}""", null)]
    [InlineData("offset:integer,limit:integer", """{"limit":2}""", "<https://x/y?offset=0>; rel=\"first\"", "[1,2]", null)]
    public void IsFound(string parameters, string arguments, string link, string body, string? expected)
    {
        var bindings = parameters.Split(',').Select(p => p.Split(':')).Select(p => new ApiParameter
        {
            Name = p[0], Place = ParameterPlace.Query, Style = ParameterStyle.Form,
            Schema = new ApiSchema(JsonElement.Parse(p.Length > 1 ? $$"""{"type":"{{p[1]}}"}""" : "{}"), null),
        }).Select(p => new ArgumentBinding(p.Name, BindingTarget.Parameter, p.Name, p)).ToList();
        var tool = new ApiTool(new ApiOperation { Pointer = "", Method = "GET", Path = "/" }, () => default, () => null)
        {
            Name = "x", Description = "", Annotations = default, Bindings = bindings,
        };
        var next = new NextPageFinder(tool, JsonElement.Parse(arguments)).Find(link.Length == 0 ? [] : [link], JsonElement.Parse(body));
        Assert.Equal(expected, next?.ChangesText());
    }
}
