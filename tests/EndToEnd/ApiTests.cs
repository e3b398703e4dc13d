using System.Diagnostics;
using System.Text;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>HTTP APIs by the command line, without an instance.</summary>
public sealed class ApiTests : IDisposable
{
    private const string Document = """
        openapi: 3.0.3
        info: {title: Shop, version: 1.0.0}
        servers: [{url: http://127.0.0.1:9}]
        paths:
          /items: {get: {operationId: listItems, summary: Lists items, responses: {'200': {description: ok}}}}
          /items/{id}: {trace: 7, get: {operationId: getItem, parameters: [{name: id, in: path, required: true, schema: {$ref: './parts.yaml#/Id'}}], responses: {'200': {description: ok}}}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-api-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ConvertSaysWhatWouldBecomeOfADocumentOfSeveralFiles()
    {
        var file = Write();
        var report = await Toolrt.RunAsync(_folder, "convert", "--report", file);
        Assert.True(report.ExitCode == 0, report.ToString());
        Assert.Contains("2 callable", report.Output, StringComparison.Ordinal);

        var tools = await Toolrt.RunAsync(_folder, "convert", file, "--json");
        Assert.Contains("\"shop_getItem\"", tools.Output, StringComparison.Ordinal);
        Assert.Contains("^[a-z]+$", tools.Output, StringComparison.Ordinal);

        var missing = await Toolrt.RunAsync(_folder, "convert", Path.Combine(_folder, "nope.yaml"));
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("neither a file nor a URL", missing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneCommandServesADocumentOnStandardInputAndOutput()
    {
        var file = Write();
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Toolrt.Root, "toolrt"), ["openapi", file, "--stdio", "--data", _folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
        })!;
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        await process.StandardInput.WriteLineAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        Assert.Contains("toolruntime", await process.StandardOutput.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
        await process.StandardInput.WriteLineAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        await process.StandardInput.WriteLineAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        Assert.Contains("shop_listItems", await process.StandardOutput.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
        process.StandardInput.Close();
        await process.WaitForExitAsync(deadline.Token);
        Assert.Equal(0, process.ExitCode);
    }

    private string Write()
    {
        File.WriteAllText(Path.Combine(_folder, "parts.yaml"), "Id: {type: string, pattern: '^[a-z]+$'}");
        var file = Path.Combine(_folder, "openapi.yaml");
        File.WriteAllText(file, Document);
        return file;
    }
}
