using System.Net;
using System.Text;

using Microsoft.AspNetCore.Http;

namespace ToolRuntime.E2b.Wire;

/// <summary>What people see in a browser where a program gets JSON: of a sandbox that is not there, or of a port that is closed.</summary>
internal static class GonePage
{
    /// <summary>Whether a person asks: every browser says that it is Mozilla.</summary>
    public static bool IsFor(HttpRequest request) => request.Headers.UserAgent.ToString().Contains("Mozilla/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the page.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string sandbox, int? port)
    {
        var (title, text) = port is { } closed
            ? ("Closed Port Error", $"Sandbox {sandbox} is running, but nothing listens on its port {closed}. Start a server there, and load this page again.")
            : ("Sandbox Not Found", $"There is no sandbox {sandbox}. It has ended, or is paused.");
        var page = Encoding.UTF8.GetBytes($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1><p>{WebUtility.HtmlEncode(text)}</p></body></html>\n");
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = page.Length;
        await context.Response.Body.WriteAsync(page, context.RequestAborted);
    }
}
