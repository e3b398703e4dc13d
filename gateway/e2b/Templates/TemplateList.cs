using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Control;
using ToolRuntime.E2b.Envd;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Templates;

/// <summary><c>GET /templates</c>, and <c>GET /v2/templates</c> in pages: a tenant's templates, each with its newest build.</summary>
internal static class TemplateList
{
    /// <summary>Writes the list.</summary>
    public static async Task WriteAsync(HttpContext context, SandboxClient client, string tenant)
    {
        var all = client.Directory.SnapshotsOf(tenant).Where(s => s.Name is not null).GroupBy(s => s.Name!, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        var (page, next) = ControlRequests.Page(context.Request, all, g => g.Key);
        if (next is not null)
        {
            context.Response.Headers["x-next-token"] = next;
        }

        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray();
            foreach (var builds in page)
            {
                Write(writer, builds.Key, [.. builds.OrderBy(b => b.CreatedAt)]);
            }

            writer.WriteEndArray();
        });
    }

    private static void Write(Utf8JsonWriter writer, string name, List<SandboxSnapshot> builds)
    {
        var newest = builds[^1];
        writer.WriteStartObject();
        writer.WriteString("templateID"u8, name);
        writer.WriteString("buildID"u8, BuildId.ToWire(newest.Id));
        writer.WriteString("buildStatus"u8, "ready");
        SandboxView.WriteSize(writer, newest.Settings);
        writer.WriteBoolean("public"u8, false);
        foreach (var names in (string[])["aliases", "names"])
        {
            writer.WriteStartArray(names);
            writer.WriteStringValue(name);
            writer.WriteEndArray();
        }

        writer.WriteString("createdAt"u8, TimeText.Of(builds[0].CreatedAt));
        writer.WriteString("updatedAt"u8, TimeText.Of(newest.CreatedAt));
        writer.WriteNull("createdBy"u8);
        writer.WriteNull("lastSpawnedAt"u8);
        writer.WriteNumber("spawnCount"u8, 0);
        writer.WriteNumber("buildCount"u8, builds.Count);
        writer.WriteString("envdVersion"u8, EnvdEndpoint.Version);
        writer.WriteEndObject();
    }
}
