using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.Tests.Integration.OpenApi.Wire;

/// <summary>The table of <c>cases/</c>, row by row against a recording server: request line, headers and body, octet for octet.</summary>
public sealed class WireTests : IAsyncLifetime
{
    private static readonly HttpClient s_client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 });

    private RecordingUpstream _upstream = null!;

    public static TheoryData<string> Names => [.. WireCase.All.Select(c => c.Name)];

    public async ValueTask InitializeAsync() => _upstream = await RecordingUpstream.StartAsync();

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Fact]
    public void TheTableIsAsLargeAsItIsSaidToBe()
    {
        Assert.InRange(WireCase.All.Count, 150, int.MaxValue);
        Assert.Equal(WireCase.All.Count, WireCase.All.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task GoesOutExactly(string name)
    {
        var row = WireCase.All.Single(c => c.Name == name);
        if (row.Text("refused") is { } refused)
        {
            var fault = await Assert.ThrowsAsync<ApiFaultException>(() => SendAsync(row));
            Assert.Contains(refused, fault.Fault.Argument ?? fault.Fault.Message, StringComparison.Ordinal);
            Assert.Empty(_upstream.Requests);
            return;
        }

        await SendAsync(row);
        var got = _upstream.Single();
        Assert.Equal(row.Text("method") ?? (row.Member("body") is null ? "GET" : "POST"), got.Method);
        Assert.Equal(row.Text("target") ?? "/x", got.Target);
        foreach (var header in row.Member("headers")?.EnumerateObject() ?? default)
        {
            Assert.Equal(header.Value.ValueKind == JsonValueKind.Null ? null : header.Value.GetString(), Boundary(got.Headers.GetValueOrDefault(header.Name)));
        }

        if (row.Text("sentBase64") is { } bytes)
        {
            Assert.Equal(Convert.FromBase64String(bytes), got.Body);
        }
        else
        {
            Assert.Equal(row.Text("sent") ?? "", Boundary(Encoding.UTF8.GetString(got.Body)));
        }
    }

    private async Task SendAsync(WireCase row)
    {
        var target = new UpstreamTarget
        {
            DocumentUrl = row.Text("document") is { } document ? new Uri(document.Replace("$ORIGIN", _upstream.Origin, StringComparison.Ordinal)) : null,
            BaseUrl = row.Text("base")?.Replace("$ORIGIN", _upstream.Origin, StringComparison.Ordinal),
            Server = row.Member("server")?.GetInt32() ?? 0,
            Variables = row.Member("variables")?.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString()!.Replace("$ORIGIN", _upstream.Origin, StringComparison.Ordinal)) ?? [],
        };
        var request = await new RequestWriter(new RequestOptions()).WriteAsync(row.Tool(_upstream.Origin), row.Arguments, target, FindAsync, CancellationToken.None);
        using var message = request.ToMessage();
        using var response = await s_client.SendAsync(message);
    }

    private static ValueTask<ApiResource?> FindAsync(Uri uri, CancellationToken cancellationToken) => ValueTask.FromResult(uri.ToString() == "blob:cat"
        ? new ApiResource(_ => ValueTask.FromResult<Stream>(new MemoryStream([1, 2, 255])), "image/gif", "cat.gif", 3)
        : null);

    private static string? Boundary(string? text) => text is null ? null : Regex.Replace(text, "toolrt-[0-9a-f]{24}", "B", RegexOptions.None, TimeSpan.FromSeconds(1));
}
