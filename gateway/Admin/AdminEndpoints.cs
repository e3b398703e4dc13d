using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Http;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary><c>/admin</c>: one operation for each verb of the command line. Only with the token or over a Unix socket, even on loopback.</summary>
public sealed class AdminEndpoints
{
    private readonly AdminToken _token;
    private readonly byte[] _document;

    /// <summary>Puts the table together.</summary>
    public AdminEndpoints(AdminToken token, DeployEndpoint deploy, FunctionsEndpoint functions, LogsEndpoint logs, SecretsEndpoint secrets, IEnumerable<AdminRoutes> more)
    {
        _token = token;
        (string, string) tenant = ("tenant", "Whose functions; the default is local.");
        Routes =
        [
            new("POST", "/admin/functions", "deploy", "Builds a package or an MCP server and lets its name stand for the new version.", deploy.HandleAsync)
            {
                Query = [("name", "Name to deploy under."), ("folder", "Name of the packed folder, for a package that says no name itself."), ("manifest", "Members of the manifest that win over the package's, as a JSON object."), tenant],
                Consumes = ["application/x-tar", "application/json"],
                Produces = ["application/json", "text/event-stream"],
            },
            new("GET", "/admin/functions", "listFunctions", "All functions and the versions that serve.", functions.ListAsync) { Query = [tenant] },
            new("GET", "/admin/functions/{name}", "getFunction", "One function with its history.", functions.GetAsync) { Query = [tenant] },
            new("DELETE", "/admin/functions/{name}", "removeFunction", "Removes a function and its tools.", functions.RemoveAsync) { Query = [tenant], Produces = [] },
            new("POST", "/admin/functions/{name}/rollback", "rollback", "Lets an earlier version serve again.", functions.RollbackAsync)
            {
                Query = [("to", "The version or its first characters; the default is the one before."), tenant],
            },
            new("GET", "/admin/functions/{name}/logs", "logs", "What the function printed.", logs.HandleAsync)
            {
                Query = [("tail", "How many lines to begin with, at most 10,000."), ("follow", "true: goes on with what comes."), tenant],
                Produces = ["text/event-stream"],
            },
            new("GET", "/admin/secrets", "listSecrets", "The names of the stored secrets.", secrets.ListAsync) { Query = [tenant] },
            new("PUT", "/admin/secrets/{name}", "setSecret", "Stores a secret; the body is its value.", secrets.SetAsync)
            {
                Query = [tenant],
                Consumes = ["application/octet-stream"],
                Produces = [],
            },
            new("DELETE", "/admin/secrets/{name}", "removeSecret", "Removes a secret.", secrets.RemoveAsync) { Query = [tenant], Produces = [] },
            .. more.SelectMany(m => m.Routes),
            new("GET", "/admin/openapi.json", "openapi", "This document.", DocumentAsync),
        ];
        _document = OpenApiDocument.Write(Routes);
    }

    /// <summary>All operations.</summary>
    public IReadOnlyList<AdminRoute> Routes { get; }

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder builder)
    {
        foreach (var route in Routes)
        {
            builder.MapMethods(route.Path, [route.Method], context => GuardAsync(context, route));
        }
    }

    private async Task GuardAsync(HttpContext context, AdminRoute route)
    {
        var token = CallerReader.Credential(context.Request);
        if (token is null ? !CallerReader.IsUnixSocket(context) : _token.Find(token) is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await ProblemReply.WriteAsync(context, StatusCodes.Status401Unauthorized, "Unauthorized", "the management API needs its token (Authorization: Bearer TOKEN) or its Unix socket");
            return;
        }

        try
        {
            await route.Handler(context);
        }
        catch (FunctionFaultException refused) when (!context.Response.HasStarted)
        {
            await ProblemReply.WriteAsync(context, refused.Fault);
        }
        catch (BodyTooLargeException) when (!context.Response.HasStarted)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Body too large", "the body is larger than this operation takes");
        }
    }

    private Task DocumentAsync(HttpContext context) => JsonReply.WriteAsync(context, StatusCodes.Status200OK, _document, context.RequestAborted);
}
