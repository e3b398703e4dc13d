using System.Text;

using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.Tests.Unit.Gateway;

/// <summary>What an API's result says beside its value is read where results become MCP's.</summary>
public sealed class ApiResultTests
{
    [Fact]
    public void TheNextPageAndTheHandleToReadOnReachTheClient()
    {
        var result = new ResultWriter { Status = 200, Value = "[1]"u8.ToArray() };
        result.AddMeta(ApiResult.NextMeta, w => w.WriteNumberValue(2));
        Assert.Equal($$"""{"{{ApiResult.NextMeta}}":2}""", Encoding.UTF8.GetString(CompletedData.Read(result.Finish().Payload).Meta.Span));
    }
}
