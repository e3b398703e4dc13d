using System.Text.Json;

using ToolRuntime.OpenApi.Reports;

namespace ToolRuntime.Tests.Unit.OpenApi.Reports;

/// <summary>The ledger for people and for programs.</summary>
public sealed class CoverageReportTests
{
    [Fact]
    public void SaysWhatBecameOfEveryOperation()
    {
        var ledger = Read.Tools("""{"openapi":"3.0.0","info":{"title":"T","version":"2"},"paths":{"/a":{"get":{"operationId":"a"},"put":3},"/b":{"x-mcp":false,"get":{}}}}""").Ledger();
        var text = CoverageReport.ToText(ledger);
        Assert.Contains("T 2, OpenApi30", text, StringComparison.Ordinal);
        Assert.Contains("3 operations: 1 callable, 1 left out by choice, 1 refused; 50.00 % callable", text, StringComparison.Ordinal);
        Assert.Contains("/paths/~1a/put: the operation is no object but number; describe the operation", text, StringComparison.Ordinal);
        var json = JsonElement.Parse(CoverageReport.ToJson(ledger));
        Assert.Equal((3, 1, 50), (json.GetProperty("operations").GetInt32(), json.GetProperty("callable").GetInt32(), json.GetProperty("callablePercent").GetInt32()));
        Assert.Equal("operation_malformed", json.GetProperty("refusals")[0].GetProperty("code").GetString());
        Assert.Equal("a", json.GetProperty("tools")[0].GetProperty("name").GetString());
        Assert.Equal("hidden by x-mcp", json.GetProperty("left")[0].GetProperty("reason").GetString());
    }
}
