using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Control;

/// <summary>The control plane of E2B's protocol: <c>/sandboxes</c>, <c>/v2/sandboxes</c>, and <c>/snapshots</c>.</summary>
public sealed class ControlEndpoints(SandboxClient client, SandboxView view, E2bOptions options, E2bGuard guard)
{
    /// <summary>Maps the routes of both generations.</summary>
    public void Map(IEndpointRouteBuilder builder)
    {
        builder.MapPost("/sandboxes", guard.Of((context, tenant) => CreateAsync(context, tenant, defaultTimeout: 15, isAlwaysSecure: false)));
        builder.MapPost("/v2/sandboxes", guard.Of((context, tenant) => CreateAsync(context, tenant, defaultTimeout: 300, isAlwaysSecure: true)));
        builder.MapGet("/sandboxes", guard.Of(ListAsync));
        builder.MapGet("/v2/sandboxes", guard.Of(ListAsync));
        builder.MapGet("/sandboxes/{id}", guard.Of(DetailAsync));
        builder.MapDelete("/sandboxes/{id}", guard.Of(KillAsync));
        builder.MapPost("/sandboxes/{id}/timeout", guard.Of(TimeoutAsync));
        builder.MapPost("/sandboxes/{id}/refreshes", guard.Of(TimeoutAsync));
        builder.MapPost("/sandboxes/{id}/pause", guard.Of(PauseAsync));
        builder.MapPost("/sandboxes/{id}/resume", guard.Of((context, tenant) => ConnectAsync(context, tenant, defaultTimeout: 15)));
        builder.MapPost("/sandboxes/{id}/connect", guard.Of((context, tenant) => ConnectAsync(context, tenant, defaultTimeout: 300)));
        builder.MapPost("/v2/sandboxes/{id}/connect", guard.Of((context, tenant) => ConnectAsync(context, tenant, defaultTimeout: 300)));
        builder.MapGet("/sandboxes/{id}/metrics", guard.Of(MetricsAsync));
        builder.MapPut("/sandboxes/{id}/network", guard.Of(NetworkAsync));
        builder.MapPost("/sandboxes/{id}/snapshots", guard.Of(SnapshotAsync));
        builder.MapPost("/sandboxes/{id}/fork", guard.Of(ForkAsync));
        builder.MapPost("/sandboxes/{id}/reset", guard.Of(ResetAsync));
        builder.MapGet("/snapshots", guard.Of(SnapshotsAsync));
        builder.MapGet("/sandboxes/metrics", guard.Of(LastMetricsAsync));
    }

    private async Task CreateAsync(HttpContext context, string tenant, int defaultTimeout, bool isAlwaysSecure)
    {
        var body = await E2bReply.ReadAsync(context, ControlJson.Default.NewSandbox);
        var create = ControlRequests.Create(body, tenant, defaultTimeout, isAlwaysSecure);
        var record = await client.CreateAsync(create with { Source = options.SourceOf(create.Template) }, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status201Created, writer => view.WriteMade(writer, record));
    }

    private async Task ListAsync(HttpContext context, string tenant)
    {
        var all = client.Directory.Of(tenant).Where(ControlRequests.Filter(context.Request, options.SourceOf)).ToList();
        if (context.Request.Query["order"] == "asc")
        {
            all.Reverse();
        }

        var (page, next) = ControlRequests.Page(context.Request, all, r => r.Id);
        Next(context, next);
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray();
            foreach (var record in page)
            {
                SandboxView.WriteListed(writer, record);
            }

            writer.WriteEndArray();
        });
    }

    private async Task DetailAsync(HttpContext context, string tenant)
    {
        var record = Get(context, tenant);
        var egress = (await client.DoAsync(record, SandboxClient.Command(SandboxOperation.Look), context.RequestAborted)).Egress;
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer => view.WriteDetail(writer, client.Directory.Get(tenant, record.Id), egress));
    }

    private async Task KillAsync(HttpContext context, string tenant)
    {
        await client.KillAsync(Get(context, tenant), context.RequestAborted);
        await E2bReply.NothingAsync(context);
    }

    private async Task TimeoutAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, ControlJson.Default.SandboxBody, static () => new SandboxBody());
        var seconds = body.Timeout ?? throw new FunctionFaultException(FaultCode.InvalidArguments, "timeout is missing");
        await client.DoAsync(Get(context, tenant), SandboxClient.Command(SandboxOperation.SetTimeout) with { TimeoutSeconds = seconds }, context.RequestAborted);
        await E2bReply.NothingAsync(context);
    }

    private async Task PauseAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, ControlJson.Default.SandboxBody, static () => new SandboxBody());
        var record = Get(context, tenant);
        var answer = await client.DoAsync(record, SandboxClient.Command(SandboxOperation.Pause) with { Memory = body.Memory ?? true }, context.RequestAborted);
        await (answer.HasChanged
            ? E2bReply.NothingAsync(context)
            : E2bReply.ErrorAsync(context, StatusCodes.Status409Conflict, $"sandbox {record.Id} is already paused"));
    }

    private async Task ConnectAsync(HttpContext context, string tenant, int defaultTimeout)
    {
        var body = await E2bReply.ReadAsync(context, ControlJson.Default.SandboxBody, static () => new SandboxBody());
        var record = Get(context, tenant);
        if (body.Memory == false && record is { State: SandboxState.Paused, HasMemory: true })
        {
            throw new FunctionFaultException(FaultCode.NotSupported, $"sandbox {record.Id} was paused with its memory and cannot be resumed without it", "resume it as it is, or pause with memory: false");
        }

        var answer = await client.DoAsync(record, SandboxClient.Command(SandboxOperation.Resume) with { TimeoutSeconds = body.Timeout ?? defaultTimeout }, context.RequestAborted);
        await E2bReply.WriteAsync(context, answer.HasChanged ? StatusCodes.Status201Created : StatusCodes.Status200OK, writer => view.WriteMade(writer, answer.Record!));
    }

    private async Task MetricsAsync(HttpContext context, string tenant)
    {
        var since = ControlRequests.Seconds(context.Request, "start");
        var until = ControlRequests.Seconds(context.Request, "end") ?? DateTimeOffset.MaxValue;
        var answer = await client.DoAsync(Get(context, tenant), SandboxClient.Command(SandboxOperation.Metrics) with { Since = since }, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray();
            foreach (var measure in answer.Measures.Where(m => m.Time <= until))
            {
                Write(writer, measure);
            }

            writer.WriteEndArray();
        });
    }

    private async Task LastMetricsAsync(HttpContext context, string tenant)
    {
        const int Most = 100;
        var ids = context.Request.Query["sandbox_ids"].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal).Take(Most);
        var records = ids.Select(client.Directory.Find).OfType<SandboxRecord>().Where(r => r.Tenant == tenant && r.State == SandboxState.Running);
        var answers = await Task.WhenAll(records.Select(async r => (r.Id, (await client.DoAsync(r, SandboxClient.Command(SandboxOperation.Metrics), context.RequestAborted)).Measures)));
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("sandboxes"u8);
            foreach (var (id, measures) in answers.Where(a => a.Measures.Count > 0))
            {
                writer.WritePropertyName(id);
                Write(writer, measures[^1]);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private async Task NetworkAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, ControlJson.Default.JsonDocument);
        var sandbox = Get(context, tenant);
        var rules = ControlRequests.Network(body.RootElement).ToRules(sandbox.Settings.AllowsInternet, body.RootElement);
        await client.DoAsync(sandbox, SandboxClient.Command(SandboxOperation.SetEgress) with { Egress = rules }, context.RequestAborted);
        await E2bReply.NothingAsync(context);
    }

    private async Task SnapshotAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, ControlJson.Default.SandboxBody, static () => new SandboxBody());
        var answer = await client.DoAsync(Get(context, tenant), SandboxClient.Command(SandboxOperation.Snapshot) with { Name = body.Name }, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status201Created, writer => SandboxView.Write(writer, answer.Snapshot!));
    }

    private async Task ForkAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, ControlJson.Default.SandboxBody, static () => new SandboxBody());
        var command = SandboxClient.Command(SandboxOperation.Fork) with { Count = body.Count ?? 1, TimeoutSeconds = body.Timeout };
        var answer = await client.DoAsync(Get(context, tenant), command, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status201Created, writer =>
        {
            writer.WriteStartArray();
            foreach (var fork in answer.Forks)
            {
                writer.WriteStartObject();
                if (fork.Record is { } record)
                {
                    writer.WritePropertyName("sandbox"u8);
                    view.WriteMade(writer, record);
                }
                else
                {
                    writer.WriteStartObject("error"u8);
                    writer.WriteNumber("code"u8, StatusCodes.Status500InternalServerError);
                    writer.WriteString("message"u8, fork.Fault?.Message ?? "the fork could not be made");
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private async Task ResetAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, ControlJson.Default.SandboxBody, static () => new SandboxBody());
        var snapshot = client.Directory.FindSnapshot(tenant, body.SnapshotId ?? "") ?? throw new FunctionFaultException(FaultCode.SandboxNotFound, $"there is no snapshot '{body.SnapshotId}'", "list the snapshots");
        await client.DoAsync(Get(context, tenant), SandboxClient.Command(SandboxOperation.Reset) with { Snapshot = snapshot.Id }, context.RequestAborted);
        await E2bReply.NothingAsync(context);
    }

    private async Task SnapshotsAsync(HttpContext context, string tenant)
    {
        var (sandbox, name) = (context.Request.Query["sandboxID"].ToString(), context.Request.Query["name"].ToString());
        var named = name.Length == 0 ? null : client.Directory.FindSnapshot(tenant, name);
        var all = client.Directory.SnapshotsOf(tenant).Where(s => (sandbox.Length == 0 || s.Sandbox == sandbox) && (name.Length == 0 || s.Name == name || s.Id == named?.Id)).ToList();
        var (page, next) = ControlRequests.Page(context.Request, all, s => s.Id);
        Next(context, next);
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray();
            foreach (var snapshot in page)
            {
                SandboxView.Write(writer, snapshot);
            }

            writer.WriteEndArray();
        });
    }

    private static void Write(Utf8JsonWriter writer, SandboxMeasure measure)
    {
        writer.WriteStartObject();
        writer.WriteString("timestamp"u8, TimeText.Of(measure.Time));
        writer.WriteNumber("timestampUnix"u8, measure.Time.ToUnixTimeSeconds());
        writer.WriteNumber("cpuCount"u8, measure.CpuCount);
        writer.WriteNumber("cpuUsedPct"u8, measure.CpuPercent);
        writer.WriteNumber("memUsed"u8, measure.MemoryUsed);
        writer.WriteNumber("memTotal"u8, measure.MemoryTotal);
        writer.WriteNumber("memCache"u8, measure.MemoryCache);
        writer.WriteNumber("diskUsed"u8, measure.DiskUsed);
        writer.WriteNumber("diskTotal"u8, measure.DiskTotal);
        writer.WriteEndObject();
    }

    private static void Next(HttpContext context, string? token)
    {
        if (token is not null)
        {
            context.Response.Headers["x-next-token"] = token;
        }
    }

    private SandboxRecord Get(HttpContext context, string tenant) => client.Directory.Get(tenant, Id(context));

    private static string Id(HttpContext context) => (string?)context.Request.RouteValues["id"] ?? "";
}
