using System.Security.Cryptography;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

using ToolRuntime.Bus;
using ToolRuntime.E2b.Http;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Admin;
using ToolRuntime.Gateway.Agents;
using ToolRuntime.Gateway.ApiCalls;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Collection;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Federation.Sources;
using ToolRuntime.Gateway.Http;
using ToolRuntime.Gateway.Jobs;
using ToolRuntime.Gateway.Keeping;
using ToolRuntime.Gateway.Mcp;
using ToolRuntime.Gateway.Mcp.Legacy;
using ToolRuntime.Gateway.Mcp.Modern;
using ToolRuntime.Gateway.Registry;
using ToolRuntime.Gateway.Routing;
using ToolRuntime.Gateway.SandboxTools;
using ToolRuntime.Gateway.Secrets;
using ToolRuntime.Gateway.Sessions;
using ToolRuntime.Gateway.Streams;
using ToolRuntime.Gateway.Telemetry;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.Streams;

namespace ToolRuntime.Gateway;

/// <summary>Puts the gateway into a host. The host registers a connected <see cref="MessageBus"/>, and a <see cref="ReadinessCheck"/> for each condition of its own.</summary>
public static class GatewayHosting
{
    private const string StateKeyFile = "request-state.key";
    private const string SecretsFile = "secrets.json";

    /// <summary>Registers the gateway.</summary>
    /// <exception cref="InvalidOperationException">The options are refused: an open address without a key file, or a secret file that others can read.</exception>
    public static IServiceCollection AddGateway(this IServiceCollection services, GatewayOptions options)
    {
        services.AddFaces(options);
        services.AddFederation();
        services.AddSingleton<E2bCallerReader>(s => context => s.GetRequiredService<CallerReader>().Read(context) is var who ? new E2bCaller(who.Caller, who.Status, who.Reason) : default);
        services.AddSandboxes(new E2bOptions { Domain = options.SandboxDomain, TokenKey = StateKey(Path.Combine(options.DataFolder, StateKeyFile)) });
        services.AddSingleton(s => s.GetRequiredService<MessageBus>().Streams).AddSingleton(s => s.GetRequiredService<MessageBus>().SessionStreams).AddStreams();
        services.AddSingleton<StreamCallerReader>(s => context => s.GetRequiredService<CallerReader>().Read(context) is var who ? new StreamCaller(who.Caller, who.Status, who.Reason) : default);
        services.AddSingleton<SandboxSessions>().AddSingleton<SandboxCalls>().AddSingleton<CodeCalls>().AddSingleton<FileCalls>();
        if (options.HasSandboxTools)
        {
            services.AddSingleton(s => SandboxToolset.Create(s.GetRequiredService<SandboxCalls>(), s.GetRequiredService<CodeCalls>(), s.GetRequiredService<FileCalls>()));
        }

        if (options.HasStateTools)
        {
            services.AddSingleton(s => new StateCalls(s.GetRequiredService<MessageBus>()).Create());
        }

        services.AddSingleton(s => new OwnTools(s.GetServices<OwnSource>()));
        services.AddSingleton<StateEndpoint>().AddSingleton<MailboxEndpoint>();
        services.AddHosted<CatalogWatch>().AddHosted<PartServices>().AddSingleton<ChildCalls>().AddSingleton(new ApiOptions { CacheFolder = Path.Combine(options.DataFolder, "apis") }).AddSingleton<ServedApis>();
        services.AddSingleton(options.Collection).AddHosted<Collector>();
        services.AddSingleton<Deployments>().AddSingleton<ApiRegistrar>().AddSingleton<ApisEndpoint>().AddHosted<ApiRefresher>().AddSingleton<Builds>().AddSingleton<LogsEndpoint>().AddSingleton(new DeployRoom(options.DataFolder)).AddSingleton<DeployEndpoint>().AddSingleton<FunctionsEndpoint>();
        services.AddSingleton<CallerSecrets>().AddSingleton<CallerSecretsEndpoint>();
        services.AddSingleton<SecretsEndpoint>().AddSingleton<StatusEndpoint>().AddSingleton<AdminEndpoints>();
        return services;
    }

    /// <summary>
    /// Registers what speaks to clients, and nothing that needs a bus: such a gateway serves the APIs that its <see cref="ToolCatalog"/> is
    /// given, without functions, sandboxes and management.
    /// </summary>
    /// <exception cref="InvalidOperationException">The options are refused: an open address without a key file, or a secret file that others can read.</exception>
    public static IServiceCollection AddFaces(this IServiceCollection services, GatewayOptions options)
    {
        Directory.CreateDirectory(options.DataFolder);
        var token = new AdminToken(options.Auth);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options.Auth).AddSingleton(options.Calls).AddSingleton(options.Mcp).AddSingleton(options.Legacy);
        services.AddSingleton(token).AddSingleton(new CallerReader(options.Auth, token));
        services.AddSingleton(new RequestStates(StateKey(Path.Combine(options.DataFolder, StateKeyFile))));
        services.AddSingleton(s => new SecretStore(Path.Combine(options.DataFolder, SecretsFile), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ToolCatalog>().AddSingleton<SessionTools>().AddHosted<ReplyKeeper>().AddHosted<SessionEnds>().AddHosted<LegacySessions>().AddHosted<ServerConnections>();
        services.AddSingleton<SourceHealth>().AddSingleton<ServerDialer>().AddHosted<NamedDocuments<ToolSet>>().AddHosted<NamedDocuments<Agent>>();
        services.AddSingleton<JobReader>().AddSingleton<JobDesk>().AddSingleton<JobsEndpoint>().AddSingleton<TaskWriter>().AddSingleton<TaskRequests>().AddSingleton<SessionDesk>().AddSingleton<SessionsEndpoint>();
        services.AddSingleton<CallRecord>().AddSingleton<FunctionCalls>().AddSingleton<KeyedCalls>().AddSingleton<ServerCalls>().AddSingleton<ApiCallStarter>().AddSingleton<CallStarters>().AddSingleton<CallGate>();
        services.AddSingleton(s => new ApiServices(s.GetRequiredService<SecretStore>(), new ContinuationStore(new ContinuationOptions(), s.GetRequiredService<TimeProvider>()), s.GetRequiredService<TimeProvider>())
        {
            ReadResource = (caller, session, uri, token) => s.GetRequiredService<ResourceReader>().ReadAsync(caller, session, uri, token),
        });
        services.AddSingleton<ServerAudiences>().AddSingleton<ServerTools>().AddSingleton<ClientNotes>().AddSingleton<ResourceSubscriptions>();
        services.AddSingleton<ServerLists>().AddSingleton<ServerRequests>().AddSingleton<ResourceReader>().AddSingleton<ModernRequests>().AddSingleton<ModernCalls>().AddSingleton<Subscriptions>().AddSingleton<KeptAnswers>().AddSingleton<ModernEndpoint>();
        services.AddSingleton<LegacyCalls>().AddSingleton<LegacyEndpoint>().AddSingleton<McpEndpoint>();
        services.AddSingleton(CatalogIsKnown).AddSingleton<Readiness>();
        services.AddSingleton<ToolsEndpoint>().AddSingleton<MetricsEndpoint>();
        return services;
    }

    private static void AddFederation(this IServiceCollection services)
    {
        services.AddSingleton(s => s.GetRequiredService<MessageBus>().ToolSets).AddSingleton(s => s.GetRequiredService<MessageBus>().Agents);
        services.AddSingleton<VersionRefresh>(s => s.GetRequiredService<Deployments>().RefreshAsync).AddHosted<RemoteWatches>();
        services.AddSingleton<SourceRegistrar>().AddSingleton<SourcesEndpoint>().AddSingleton<SetsEndpoint>();
        services.AddSingleton<BusEndpoint>().AddSingleton(s => s.GetRequiredService<BusEndpoint>().Routes);
        services.AddSingleton(s => s.GetRequiredService<StatusEndpoint>().Routes);
        services.AddSingleton(s => s.GetRequiredService<ApisEndpoint>().Routes);
        services.AddSingleton(s => s.GetRequiredService<SourcesEndpoint>().Routes);
        services.AddSingleton(s => s.GetRequiredService<SetsEndpoint>().Routes);
        services.AddSingleton<AgentLinks>().AddSingleton<AgentEndpoint>().AddSingleton<AgentsEndpoint>().AddSingleton<RegistryEndpoint>();
        services.AddSingleton(s => s.GetRequiredService<AgentsEndpoint>().Routes);
    }

    /// <summary>Maps <c>/mcp</c>, <c>/v1/tools</c>, <c>/v1/streams</c>, <c>/admin</c>, <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
    public static IEndpointRouteBuilder MapGateway(this IEndpointRouteBuilder builder)
    {
        var guarded = builder.GuardBus();
        guarded.MapFaces();
        guarded.MapFederation();
        guarded.MapJobs();
        guarded.MapSandboxes();
        builder.ServiceProvider.GetRequiredService<CallerSecretsEndpoint>().Map(guarded);
        guarded.MapStreams();
        guarded.MapKeeping();
        builder.ServiceProvider.GetRequiredService<AdminEndpoints>().Map(guarded);
        return builder;
    }

    private static void MapKeeping(this IEndpointRouteBuilder builder)
    {
        var state = builder.ServiceProvider.GetRequiredService<StateEndpoint>();
        var mailboxes = builder.ServiceProvider.GetRequiredService<MailboxEndpoint>();
        builder.Map("/v1/state/session/{session}/{**key}", (HttpContext context) => state.SessionAsync(context, Value(context, "session"), (string?)context.Request.RouteValues["key"]));
        builder.Map("/v1/state/tenant/{**key}", (HttpContext context) => state.TenantAsync(context, (string?)context.Request.RouteValues["key"]));
        builder.MapGet("/v1/mailboxes", (HttpContext context) => mailboxes.ServeAsync(context, null, "list"));
        builder.MapGet("/v1/mailboxes/{name}/messages", (HttpContext context) => mailboxes.ServeAsync(context, Value(context, "name"), "receive"));
        builder.MapGet("/v1/mailboxes/{name}/dead", (HttpContext context) => mailboxes.ServeAsync(context, Value(context, "name"), "dead"));
        foreach (var (path, word) in new[] { ("messages", "send"), ("ack", "ack"), ("requests", "request"), ("replies", "reply"), ("dead/replay", "replay") })
        {
            builder.MapPost($"/v1/mailboxes/{{name}}/{path}", (HttpContext context) => mailboxes.ServeAsync(context, Value(context, "name"), word));
        }
    }

    private static void MapFederation(this IEndpointRouteBuilder builder)
    {
        var agents = builder.ServiceProvider.GetRequiredService<AgentEndpoint>();
        foreach (var card in new[] { "agent-card.json", "agent.json" })
        {
            builder.MapGet($"/a2a/{{name}}/.well-known/{card}", (HttpContext context) => agents.CardAsync(context, Value(context, "name")));
        }

        builder.MapPost("/a2a/{name}", (HttpContext context) => agents.PostAsync(context, Value(context, "name")));
        builder.Map("/a2a/{name}/rest/{**path}", (HttpContext context) => agents.RestAsync(context, Value(context, "name"), Value(context, "path")));
        var registry = builder.ServiceProvider.GetRequiredService<RegistryEndpoint>();
        builder.MapGet("/v0.1/servers", registry.ListAsync);
        builder.MapGet("/v0.1/servers/{name}/versions", (HttpContext context) => registry.VersionsAsync(context, Value(context, "name")));
        builder.MapGet("/v0.1/servers/{name}/versions/{version}", (HttpContext context) => registry.VersionAsync(context, Value(context, "name"), Value(context, "version")));
    }

    private static void MapJobs(this IEndpointRouteBuilder builder)
    {
        var jobs = builder.ServiceProvider.GetRequiredService<JobsEndpoint>();
        builder.MapGet("/v1/jobs", jobs.ListAsync);
        builder.MapGet("/v1/jobs/{id}", (HttpContext context) => jobs.GetAsync(context, Value(context, "id")));
        builder.MapDelete("/v1/jobs/{id}", (HttpContext context) => jobs.CancelAsync(context, Value(context, "id")));
        builder.MapPost("/v1/jobs/{id}/replay", (HttpContext context) => jobs.ReplayAsync(context, Value(context, "id")));
        var sessions = builder.ServiceProvider.GetRequiredService<SessionsEndpoint>();
        builder.MapGet("/v1/sessions", sessions.ListAsync);
        builder.MapGet("/v1/sessions/{id}", (HttpContext context) => sessions.GetAsync(context, Value(context, "id")));
        builder.MapGet("/v1/sessions/{id}/events", (HttpContext context) => sessions.FollowAsync(context, Value(context, "id")));
        builder.MapPost("/v1/sessions/{id}/stop", (HttpContext context) => sessions.StopAsync(context, Value(context, "id")));
        builder.MapDelete("/v1/invocations/{id}", (HttpContext context) => sessions.CancelAsync(context, Value(context, "id")));
        builder.MapPost("/v1/jobs/{id}/answers", (HttpContext context) => jobs.AnswerAsync(context, Value(context, "id")));
    }

    private static string Value(HttpContext context, string name) => (string?)context.Request.RouteValues[name] ?? "";

    /// <summary>Maps what <see cref="AddFaces"/> registered: all of <see cref="MapGateway"/> but <c>/admin</c>.</summary>
    public static IEndpointRouteBuilder MapFaces(this IEndpointRouteBuilder builder)
    {
        var services = builder.ServiceProvider;
        var mcp = services.GetRequiredService<McpEndpoint>();
        var tools = services.GetRequiredService<ToolsEndpoint>();
        builder.Map("/mcp", mcp.HandleAsync);
        builder.Map("/mcp/{source}", (HttpContext context) => mcp.HandleSourceAsync(context, Value(context, "source")));
        builder.Map("/mcp/sets/{set}", (HttpContext context) => mcp.HandleSetAsync(context, Value(context, "set")));
        builder.MapGet("/v1/tools", tools.ListAsync);
        builder.MapGet("/v1/tools/{name}", (HttpContext context) => tools.GetAsync(context, (string)context.Request.RouteValues["name"]!));
        builder.MapPost("/v1/tools/{name}", (HttpContext context) => tools.CallAsync(context, (string)context.Request.RouteValues["name"]!));
        builder.MapGet("/healthz", Readiness.HealthAsync);
        builder.MapGet("/readyz", services.GetRequiredService<Readiness>().ReadyAsync);
        builder.MapGet("/metrics", services.GetRequiredService<MetricsEndpoint>().HandleAsync);
        return builder;
    }

    private static ReadinessCheck CatalogIsKnown(IServiceProvider services)
    {
        var catalog = services.GetRequiredService<ToolCatalog>();
        return new ReadinessCheck("catalog", _ => ValueTask.FromResult(catalog.Current.IsCompletedSuccessfully ? null : "the functions are not known yet"));
    }

    private static IServiceCollection AddHosted<T>(this IServiceCollection services)
        where T : class, Microsoft.Extensions.Hosting.IHostedService =>
        services.AddSingleton<T>().AddHostedService(s => s.GetRequiredService<T>());

    private static byte[] StateKey(string path)
    {
        if (!File.Exists(path))
        {
            SecretFile.Write(path, System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RequestStates.KeyLength))));
        }

        var key = Convert.FromHexString(SecretFile.ReadLines(path).FirstOrDefault() ?? "");
        return key.Length == RequestStates.KeyLength ? key : throw new InvalidOperationException($"{path} does not hold a key of {RequestStates.KeyLength} bytes: remove it, and a new one is made");
    }
}
