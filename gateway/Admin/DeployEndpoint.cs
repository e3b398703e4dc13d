using System.Text.Json;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation.Sources;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary>
/// <c>POST /admin/functions</c>. The body is a tar of the package, or <c>{"mcp":["command", …]}</c>. With <c>Accept: text/event-stream</c>
/// the build's progress and log come as events, the last of which is <c>completed</c> (<c>{"name","version","tools","warnings"}</c>) or
/// <c>failed</c> (problem details).
/// </summary>
public sealed class DeployEndpoint(MessageBus bus, Builds builds, SourceRegistrar registrar, Deployments deployments, DeployRoom room, ReplyKeeper keeper)
{
    private const string PackageKind = "package";
    private const int MaximumCommandBytes = 64 * 1024;
    private const long MaximumPackageBytes = 1L << 30;

    /// <summary>Serves a deployment.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var tenant = AdminRequest.Tenant(context);
        room.Require(context.Request.ContentLength ?? 0);
        var request = await ReadAsync(context, tenant);
        if (request.Name == "sets")
        {
            throw new FunctionFaultException(FaultCode.DeployRefused, "the name 'sets' is reserved for toolsets", "choose another with --name");
        }

        if (request.Name is { } name && !Names.IsFunction(name))
        {
            throw new FunctionFaultException(FaultCode.DeployRefused, $"the name '{name}' is not a letter and up to 62 of A-Z a-z 0-9 _ -", "choose another with --name");
        }

        using var reply = new Reply(context);
        await using var build = await builds.StartAsync(tenant, request, context.RequestAborted);
        if (AdminRequest.WantsEvents(context))
        {
            keeper.Watch(reply);
        }

        try
        {
            await FollowAsync(context, build, reply);
        }
        finally
        {
            keeper.Leave(reply);
            await reply.CloseAsync();
        }
    }

    private static void WriteResult(ReplyBuffer buffer, BuildResult built)
    {
        buffer.Raw("{\"name\":"u8).Text(built.Version.Manifest.Name).Raw(",\"version\":"u8).Text(built.Version.Digest).Raw(",\"tools\":["u8);
        for (var i = 0; i < built.Version.Tools.Count; i++)
        {
            buffer.Raw(i == 0 ? ""u8 : ","u8).Raw(new ToolListing(built.Version.Tools[i]).For(ToolShape.Full));
        }

        buffer.Raw("],\"warnings\":["u8);
        for (var i = 0; i < built.Warnings.Count; i++)
        {
            buffer.Raw(i == 0 ? ""u8 : ","u8).Text(built.Warnings[i]);
        }

        buffer.Raw("]}"u8);
    }

    private async Task FollowAsync(HttpContext context, ICall build, Reply reply)
    {
        var wantsEvents = AdminRequest.WantsEvents(context);
        using var buffer = new ReplyBuffer();
        while (true)
        {
            var item = await build.NextAsync(context.RequestAborted);
            switch (item.Event.Kind)
            {
                case EventKind.Completed:
                    await FinishAsync(context, item.Event.Data, (reply, buffer));
                    return;
                case EventKind.Failed or EventKind.Gone:
                    await FailAsync(context, FaultMapping.Read(item.Event), (reply, buffer));
                    return;
                case EventKind.Progress or EventKind.Log or EventKind.Output when wantsEvents:
                    await reply.SendAsync(null, item.Event.Data, context.RequestAborted, item.Event.Kind == EventKind.Progress ? "progress" : "log");
                    break;
                default:
                    break;
            }
        }
    }

    private async Task FinishAsync(HttpContext context, ReadOnlyMemory<byte> data, (Reply Reply, ReplyBuffer Buffer) to)
    {
        try
        {
            var built = Builds.Read(data);
            if (built.Version.Manifest.Port is not null)
            {
                built = built with { Version = await registrar.ListAsync(built.Version, context.RequestAborted) };
            }

            await deployments.ActivateAsync(built.Version, context.RequestAborted);
            WriteResult(to.Buffer, built);
            await to.Reply.FinishAsync(StatusCodes.Status200OK, null, to.Buffer.Written, context.RequestAborted, "completed");
        }
        catch (FunctionFaultException refused)
        {
            await FailAsync(context, refused.Fault, to);
        }
    }

    private static async Task FailAsync(HttpContext context, FunctionFault fault, (Reply Reply, ReplyBuffer Buffer) to)
    {
        to.Buffer.Clear();
        FaultMapping.WriteProblem(to.Buffer, fault, null);
        await to.Reply.FinishAsync(FaultMapping.HttpStatus(fault.Code), null, to.Buffer.Written, context.RequestAborted, "failed");
    }

    private async Task<BuildRequest> ReadAsync(HttpContext context, string tenant)
    {
        var (name, overrides) = (AdminRequest.Query(context, "name"), Overrides(context));
        if (context.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true)
        {
            var body = await RequestBody.ReadAsync(context.Request, MaximumCommandBytes, context.RequestAborted);
            return new BuildRequest { PackageDigest = "", Name = name, McpCommand = Command(body), ManifestOverrides = overrides };
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaximumPackageBytes;
        }

        var digest = await bus.Objects.PutAsync(tenant, PackageKind, context.Request.Body, context.RequestAborted);
        return new BuildRequest { PackageDigest = digest, Name = name, Folder = AdminRequest.Query(context, "folder"), ManifestOverrides = overrides };
    }

    private static string? Overrides(HttpContext context)
    {
        if (AdminRequest.Query(context, "manifest") is not { } manifest)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(manifest);
            return document.RootElement.ValueKind == JsonValueKind.Object ? manifest : throw Wrong("an object");
        }
        catch (JsonException)
        {
            throw Wrong("valid JSON");
        }

        static FunctionFaultException Wrong(string expected) => new(FaultCode.DeployRefused, $"?manifest= must be {expected}: members of the manifest that win over the package's");
    }

    private static List<string> Command(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("mcp", out var mcp) && mcp.ValueKind == JsonValueKind.Array)
            {
                var words = mcp.EnumerateArray().Select(w => w.ValueKind == JsonValueKind.String ? w.GetString()! : "").ToList();
                if (words.Count > 0 && words.TrueForAll(w => w.Length > 0))
                {
                    return words;
                }
            }
        }
        catch (JsonException)
        {
            // Falls through to the one refusal for every wrong body.
        }

        throw new FunctionFaultException(FaultCode.DeployRefused, "the body must be {\"mcp\":[\"command\", …]}, or a tar with Content-Type application/x-tar");
    }
}
