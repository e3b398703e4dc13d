using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Templates;

/// <summary>Templates as the SDKs build, find, tag and remove them. A template is a snapshot with a name and tags; its id is its name.</summary>
public sealed class TemplateEndpoints(SandboxClient client, TemplateBuilds builds, TemplateFiles files, E2bOptions options, E2bGuard guard)
{
    private const int EntriesOfAnAnswer = 100;
    private const int DefaultMemory = 1024;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder builder)
    {
        builder.MapPost("/v3/templates", guard.Of(AskAsync));
        builder.MapGet("/templates", guard.Of(ListAsync));
        builder.MapGet("/v2/templates", guard.Of(ListAsync));
        builder.MapGet("/templates/{id}/files/{hash}", guard.Of(FileAsync));
        builder.MapPut("/templates/uploads/{tenant}/{hash}", UploadAsync);
        builder.MapPost("/v2/templates/{id}/builds/{build}", guard.Of(StartAsync));
        builder.MapGet("/templates/{id}/builds/{build}/status", guard.Of(StatusAsync));
        builder.MapGet("/templates/aliases/{alias}", guard.Of(AliasAsync));
        builder.MapPost("/templates/tags", guard.Of(TagAsync));
        builder.MapDelete("/templates/tags", guard.Of(UntagAsync));
        builder.MapGet("/templates/{id}/tags", guard.Of(TagsAsync));
        builder.MapDelete("/templates/{id}", guard.Of(RemoveAsync));
    }

    private async Task AskAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, TemplatesJson.Default.TemplateBody);
        var (name, tag) = TemplateName.Parse(body.Name ?? body.Alias ?? "");
        List<string> tags = [.. new[] { tag }.OfType<string>().Concat(body.Tags ?? []).Distinct(StringComparer.Ordinal)];
        tags.ForEach(TemplateName.CheckTag);
        if (options.Templates.ContainsKey(name))
        {
            throw new FunctionFaultException(FaultCode.Denied, $"'{name}' is a template that stands by itself", "give yours another name");
        }

        var plan = new BuildPlan(name, tags.Count > 0 ? tags : [SandboxSnapshot.DefaultTag], 1000 * Math.Clamp(body.CpuCount ?? 0, 0, 64), body.MemoryMiB is { } memory and > 0 ? memory : DefaultMemory);
        var id = await builds.AskAsync(tenant, plan, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status202Accepted, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("templateID"u8, name);
            writer.WriteString("buildID"u8, BuildId.ToWire(id));
            writer.WriteBoolean("public"u8, false);
            WriteAll(writer, "names", [name]);
            WriteAll(writer, "tags", plan.Tags);
            WriteAll(writer, "aliases", [name]);
            writer.WriteEndObject();
        });
    }

    private Task ListAsync(HttpContext context, string tenant) => TemplateList.WriteAsync(context, client, tenant);

    private async Task FileAsync(HttpContext context, string tenant)
    {
        var hash = Route(context, "hash");
        var isPresent = await files.HasAsync(tenant, hash, context.RequestAborted);
        var request = context.Request;
        await E2bReply.WriteAsync(context, StatusCodes.Status201Created, writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("present"u8, isPresent);
            writer.WriteString("url"u8, $"{request.Scheme}://{request.Host}{request.PathBase}/templates/uploads/{tenant}/{hash}?token={files.Sign(tenant, hash)}");
            writer.WriteEndObject();
        });
    }

    private async Task UploadAsync(HttpContext context)
    {
        var (tenant, hash) = (Route(context, "tenant"), Route(context, "hash"));
        if (!SandboxTokens.Same(context.Request.Query["token"], files.Sign(tenant, hash)))
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status401Unauthorized, "the URL's token is missing or wrong");
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = TemplateFiles.MostBytes;
        }

        await files.StoreAsync(tenant, hash, context.Request.Body, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status200OK;
    }

    private async Task StartAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, TemplatesJson.Default.BuildBody);
        await builds.StartAsync(await builds.FindAsync(tenant, BuildId.FromWire(Route(context, "build")), context.RequestAborted) ?? throw NoBuild(context), body, context.RequestAborted);
        await E2bReply.EmptyAsync(context, StatusCodes.Status202Accepted);
    }

    private async Task StatusAsync(HttpContext context, string tenant)
    {
        var id = BuildId.FromWire(Route(context, "build"));
        var build = await builds.FindAsync(tenant, id, context.RequestAborted);
        if (build is null && client.Directory.FindSnapshot(tenant, id) is null)
        {
            throw NoBuild(context);
        }

        var first = int.TryParse(context.Request.Query["logsOffset"], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : 0;
        List<TemplateLogEntry> entries = [.. build?.Log.Skip(first).Take(EntriesOfAnAnswer) ?? []];
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("templateID"u8, Route(context, "id"));
            writer.WriteString("buildID"u8, BuildId.ToWire(id));
            writer.WriteString("status"u8, build?.Status ?? "ready");
            WriteAll(writer, "logs", entries.Select(e => e.Text));
            writer.WriteStartArray("logEntries"u8);
            foreach (var entry in entries)
            {
                writer.WriteStartObject();
                writer.WriteString("timestamp"u8, TimeText.Of(entry.Time));
                writer.WriteString("level"u8, entry.Level);
                writer.WriteString("message"u8, entry.Text);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (build?.Reason is { } reason)
            {
                writer.WriteStartObject("reason"u8);
                writer.WriteString("message"u8, reason);
                writer.WriteString("step"u8, build.Step);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        });
    }

    private Task AliasAsync(HttpContext context, string tenant)
    {
        var alias = Route(context, "alias");
        return options.Templates.ContainsKey(alias) || client.Directory.FindSnapshot(tenant, alias) is not null || Builds(tenant, alias).Count > 0
            ? E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("templateID"u8, alias);
                writer.WriteBoolean("public"u8, options.Templates.ContainsKey(alias));
                writer.WriteEndObject();
            })
            : E2bReply.ErrorAsync(context, StatusCodes.Status404NotFound, $"there is no template '{alias}'");
    }

    private async Task TagAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, TemplatesJson.Default.TagsBody);
        var target = client.Directory.FindSnapshot(tenant, body.Target ?? "") ?? throw NoTemplate(body.Target);
        var tags = body.Tags ?? [];
        foreach (var tag in tags)
        {
            TemplateName.CheckTag(tag);
        }

        foreach (var other in Builds(tenant, target.Name).Where(s => s.Id != target.Id && s.Tags.Intersect(tags, StringComparer.Ordinal).Any()))
        {
            await client.TagAsync(other, [.. other.Tags.Except(tags, StringComparer.Ordinal)], context.RequestAborted);
        }

        await client.TagAsync(target, [.. target.Tags.Union(tags, StringComparer.Ordinal)], context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status201Created, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("buildID"u8, BuildId.ToWire(target.Id));
            WriteAll(writer, "tags", tags);
            writer.WriteEndObject();
        });
    }

    private async Task UntagAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, TemplatesJson.Default.TagsBody);
        var all = Builds(tenant, body.Name);
        if (all.Count == 0)
        {
            throw NoTemplate(body.Name);
        }

        var tags = body.Tags ?? [];
        foreach (var build in all.Where(s => s.Tags.Intersect(tags, StringComparer.Ordinal).Any()))
        {
            await client.TagAsync(build, [.. build.Tags.Except(tags, StringComparer.Ordinal)], context.RequestAborted);
        }

        await E2bReply.NothingAsync(context);
    }

    private async Task TagsAsync(HttpContext context, string tenant)
    {
        var name = Route(context, "id");
        var all = Builds(tenant, name);
        if (all.Count == 0)
        {
            throw NoTemplate(name);
        }

        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray();
            foreach (var (build, tag) in all.SelectMany(b => b.Tags.Select(t => (b, t))))
            {
                writer.WriteStartObject();
                writer.WriteString("tag"u8, tag);
                writer.WriteString("buildID"u8, BuildId.ToWire(build.Id));
                writer.WriteString("createdAt"u8, TimeText.Of(build.CreatedAt));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private async Task RemoveAsync(HttpContext context, string tenant)
    {
        var id = Route(context, "id");

        // A template's id is its name, and with it go all of its builds, whatever their tags; a snapshot's is its own.
        var all = client.Directory.FindSnapshot(tenant, id) is { } one && (one.Tags.Count == 0 || one.Name != id) ? [one] : Builds(tenant, id);
        if (all.Count == 0)
        {
            throw NoTemplate(id);
        }

        foreach (var build in all)
        {
            await client.RemoveAsync(build, context.RequestAborted);
        }

        await E2bReply.NothingAsync(context);
    }

    private List<SandboxSnapshot> Builds(string tenant, string? name) => [.. client.Directory.SnapshotsOf(tenant).Where(s => name is not null && s.Name == name)];

    private static void WriteAll(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static string Route(HttpContext context, string name) => (string?)context.Request.RouteValues[name] ?? "";

    private static FunctionFaultException NoBuild(HttpContext context) => new(FaultCode.SandboxNotFound, $"there is no build {Route(context, "build")}", "a build is known for a day");

    private static FunctionFaultException NoTemplate(string? name) => new(FaultCode.SandboxNotFound, $"there is no template or snapshot '{name}'");
}
