using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Integration.OpenApi.Calls;

/// <summary>A source in front of an upstream on loopback, with one operation.</summary>
internal sealed class ApiBench : IDisposable
{
    private readonly ApiSource _source;

    public ApiBench(string origin, ApiSourceOptions? options = null, BenchOperation? operation = null)
    {
        var given = operation ?? new BenchOperation();
        Tool = given.ToTool();
        var model = new ApiModel { Format = ApiFormat.OpenApi31, Operations = [Tool.Operation], Refusals = [], SecuritySchemes = given.Schemes };
        Continuations = new ContinuationStore(new ContinuationOptions(), TimeProvider.System);
        var present = options ?? new ApiSourceOptions();
        _source = new ApiSource(model, present with
        {
            Target = new UpstreamTarget { BaseUrl = origin },
            AllowedHosts = present.AllowedHosts.Count > 0 ? present.AllowedHosts : ["127.0.0.1", "localhost"],
        }, new ApiSourceParts
        {
            Time = TimeProvider.System, Continuations = Continuations,
            Secrets = (reference, _) => ValueTask.FromResult(Secrets.GetValueOrDefault(reference.Name)),
        });
    }

    public ApiTool Tool { get; }

    public ContinuationStore Continuations { get; }

    public Dictionary<string, string?> Secrets { get; } = new() { ["TOKEN"] = "s3cr3t" };

    public ApiCall Call(string arguments = "{}", string caller = "me") => new()
    {
        Tool = Tool, Arguments = JsonElement.Parse(arguments), Caller = new ApiCaller { Subject = caller },
    };

    public Task<ApiResult> SendAsync(ApiCall call, CancellationToken cancellationToken = default) => _source.CallAsync(call, cancellationToken);

    public async Task<string> TextAsync(ApiCall? call = null) => Encoding.UTF8.GetString((await SendAsync(call ?? Call())).Payload.Span);

    public void Dispose() => _source.Dispose();
}
