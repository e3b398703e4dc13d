using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

using ToolRuntime.E2b.Wire;

namespace ToolRuntime.Gateway.Secrets;

/// <summary><c>/secrets</c> of E2B's protocol, behind the SDKs' <c>Secret</c>: values go in and never come out.</summary>
public sealed class CallerSecretsEndpoint(CallerSecrets secrets, E2bGuard guard)
{
    private const int LargestPage = 100;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder builder)
    {
        builder.MapGet("/secrets", guard.Of(ListAsync));
        builder.MapPost("/secrets", guard.Of(CreateAsync));
        builder.MapGet("/secrets/{id}", guard.Of(DetailAsync));
        builder.MapPost("/secrets/{id}", guard.Of(UpdateAsync));
        builder.MapDelete("/secrets/{id}", guard.Of(RemoveAsync));
    }

    private Task ListAsync(HttpContext context, string tenant)
    {
        // The token is the last name of a page: who destroys a page before asking for the next one misses none.
        var after = context.Request.Query["nextToken"].ToString();
        var left = secrets.List(tenant).Where(s => string.CompareOrdinal(s.Name, after) > 0).ToList();
        var page = left.Take(Limit(context.Request)).ToList();
        if (page.Count < left.Count)
        {
            context.Response.Headers["x-next-token"] = page[^1].Name;
        }

        return E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray();
            foreach (var secret in page)
            {
                Write(writer, secret);
            }

            writer.WriteEndArray();
        });
    }

    private async Task CreateAsync(HttpContext context, string tenant)
    {
        var made = secrets.Create(tenant, await E2bReply.ReadAsync(context, SecretJson.Default.SecretBody));
        await E2bReply.WriteAsync(context, StatusCodes.Status201Created, writer => Write(writer, made));
    }

    private Task DetailAsync(HttpContext context, string tenant)
    {
        var secret = secrets.Get(tenant, Id(context));
        return E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer => Write(writer, secret));
    }

    private async Task UpdateAsync(HttpContext context, string tenant)
    {
        var updated = secrets.Update(tenant, Id(context), await E2bReply.ReadAsync(context, SecretJson.Default.SecretBody));
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer => Write(writer, updated));
    }

    private Task RemoveAsync(HttpContext context, string tenant)
    {
        secrets.Remove(tenant, Id(context));
        return E2bReply.NothingAsync(context);
    }

    private static void Write(Utf8JsonWriter writer, CallerSecret secret)
    {
        writer.WriteStartObject();
        writer.WriteString("secretID"u8, secret.Facts.Id);
        writer.WriteString("name"u8, secret.Name);
        writer.WriteNumber("currentVersion"u8, secret.Facts.Version);
        writer.WriteStartObject("metadata"u8);
        foreach (var (key, value) in secret.Facts.Metadata)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
        writer.WriteString("createdAt"u8, TimeText.Of(secret.Facts.CreatedAt));
        writer.WriteString("updatedAt"u8, TimeText.Of(secret.Facts.UpdatedAt));
        writer.WriteEndObject();
    }

    private static int Limit(HttpRequest request) =>
        int.TryParse(request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0 ? Math.Min(asked, LargestPage) : LargestPage;

    private static string Id(HttpContext context) => (string?)context.Request.RouteValues["id"] ?? "";
}
