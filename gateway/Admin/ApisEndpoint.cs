using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary>
/// HTTP APIs. <c>POST /admin/apis</c> registers one or its next version: the body is the package as a tar, or nothing where the settings name
/// a URL that is fetched here. The answer says what became of each operation.
/// </summary>
public sealed class ApisEndpoint(ApiRegistrar registrar)
{
    private const long MaximumPackageBytes = 256L << 20;

    /// <summary>Its operations.</summary>
    public AdminRoutes Routes => new(
    [
        new("POST", "/admin/apis", "registerApi", "Makes the operations of an HTTP API tools, or lets their next version serve.", RegisterAsync)
        {
            Query = [("name", "Name of the source; the default comes from the document's title."), ("settings", "What a manifest says under \"api\", as a JSON object."), ("timeout", "Most seconds of one call; the default is 60."), AdminRoutes.Tenant],
            Consumes = ["application/x-tar"],
        },
        new("POST", "/admin/apis/{name}/refresh", "refreshApi", "Looks whether the document of an API has changed, and lets what it is now serve.", RefreshAsync) { Query = [AdminRoutes.Tenant] },
        new("GET", "/admin/apis/{name}/report", "reportApi", "What became of each operation of an API.", ReportAsync) { Query = [AdminRoutes.Tenant] },
    ]);

    /// <summary>Serves <c>POST /admin/apis</c>.</summary>
    public async Task RegisterAsync(HttpContext context)
    {
        var request = Read(context);
        var registered = request.Settings.Source is { } && context.Request.ContentLength is null or 0
            ? await registrar.FetchAsync(request, context.RequestAborted)
            : await registrar.RegisterAsync(request, await PackageAsync(context), context.RequestAborted);
        await ReplyAsync(context, registered);
    }

    /// <summary>Serves <c>POST /admin/apis/{name}/refresh</c>: looks whether the document has changed.</summary>
    public async Task RefreshAsync(HttpContext context)
    {
        var registered = await registrar.RefreshAsync(AdminRequest.Tenant(context), AdminRequest.Name(context), context.RequestAborted);
        await ReplyAsync(context, registered);
    }

    /// <summary>Serves <c>GET /admin/apis/{name}/report</c>: what became of each operation.</summary>
    public async Task ReportAsync(HttpContext context)
    {
        var report = await registrar.ReportAsync(AdminRequest.Tenant(context), AdminRequest.Name(context), context.RequestAborted);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, report, context.RequestAborted);
    }

    private static ApiRegistration Read(HttpContext context) => new(
        AdminRequest.Tenant(context),
        AdminRequest.Query(context, "name"),
        ApiSettingsText.Read(AdminRequest.Query(context, "settings") ?? throw new FunctionFaultException(FaultCode.DeployRefused, "?settings= is missing", "it is a JSON object like the member \"api\" of a manifest")),
        int.TryParse(AdminRequest.Query(context, "timeout"), out var seconds) ? seconds : ApiRegistration.DefaultTimeoutSeconds);

    private static async Task<ApiPackage> PackageAsync(HttpContext context)
    {
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaximumPackageBytes;
        }

        try
        {
            return await ApiPackage.ReadAsync(context.Request.Body, context.RequestAborted);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.DeployRefused, $"the body is no package of documents: {error.Message}", "send what 'toolrt openapi' sends"), error);
        }
    }

    private static async Task ReplyAsync(HttpContext context, RegisteredApi registered)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"name\":"u8).Text(registered.Source.Version.Manifest.Name).Raw(",\"version\":"u8).Text(registered.Source.Version.Digest);
        buffer.Raw(",\"changed\":"u8).Raw(registered.Changed ? "true"u8 : "false"u8).Raw(",\"tools\":["u8);
        var first = true;
        foreach (var name in registered.Listed)
        {
            buffer.Raw(first ? ""u8 : ","u8).Text(name);
            first = false;
        }

        buffer.Raw("],\"report\":"u8).Raw(registered.Report.Span).Raw("}"u8);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }
}
