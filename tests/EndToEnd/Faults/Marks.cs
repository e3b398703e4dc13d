using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A service outside of everything, in which functions leave marks: how often something was really done.</summary>
internal sealed class Marks : IDisposable
{
    private const string Document = """
        openapi: 3.0.3
        info: {title: Outside, version: 1.0.0}
        servers: [{url: ORIGIN}]
        paths:
          /marks/{n}:
            post: {operationId: mark, summary: Leaves a mark, parameters: [{name: n, in: path, required: true, schema: {type: integer}}], responses: {'200': {description: ok}}}
        """;

    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<int, int> _counts = new();

    public Marks()
    {
        Origin = $"http://127.0.0.1:{Toolrt.FreePort()}";
        _listener.Prefixes.Add(Origin + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    private string Origin { get; }

    /// <summary>How many marks were left for a number.</summary>
    public int this[int number] => _counts.GetValueOrDefault(number);

    /// <summary>Makes it a tool <c>outside_mark</c> of an instance.</summary>
    public async Task RegisterAsync(Part gateway)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(gateway.Data, "files")).FullName, "outside.yaml");
        await File.WriteAllTextAsync(file, Document.Replace("ORIGIN", Origin, StringComparison.Ordinal));
        var result = await Toolrt.RunAsync(gateway.Data, "openapi", file, "--name", "outside", "--allow-host", "127.0.0.1");
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                _counts.AddOrUpdate(int.Parse(context.Request.Url!.Segments[^1], CultureInfo.InvariantCulture), 1, static (_, count) => count + 1);
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync("{}"u8.ToArray());
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over, or a gateway was killed before it had its answer.
            if (_listener.IsListening)
            {
                _ = ServeAsync();
            }
        }
    }
}
