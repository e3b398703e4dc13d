using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Control;
using ToolRuntime.E2b.Envd;
using ToolRuntime.E2b.Interpreter;
using ToolRuntime.E2b.Ports;
using ToolRuntime.E2b.Templates;
using ToolRuntime.E2b.Volumes;
using ToolRuntime.E2b.Wire;

namespace ToolRuntime.E2b.Http;

/// <summary>Puts sandboxes that callers drive into a gateway. The host registers the bus, an <see cref="E2bCallerReader"/> and a clock.</summary>
public static class E2bHosting
{
    /// <summary>Registers the parts.</summary>
    public static IServiceCollection AddSandboxes(this IServiceCollection services, E2bOptions options)
    {
        services.AddSingleton(options).AddSingleton<SandboxTokens>().AddSingleton<SandboxClient>().AddSingleton<SandboxUsers>();
        services.AddSingleton<SandboxDirectory>().AddHostedService(s => s.GetRequiredService<SandboxDirectory>());
        services.AddSingleton<ProcessService>().AddSingleton<Watchers>().AddSingleton<FilesystemService>().AddSingleton<FilesEndpoint>().AddSingleton<EnvdEndpoint>();
        services.AddSingleton<Kernels>().AddSingleton<InterpreterEndpoint>().AddSingleton<PortProxy>().AddSingleton<DataPlane>();
        services.AddSingleton<E2bGuard>().AddSingleton<SandboxView>().AddSingleton<ControlEndpoints>();
        services.AddSingleton<VolumeClient>().AddSingleton<VolumeEndpoints>().AddSingleton<VolumeContent>();
        services.AddSingleton<TemplateFiles>().AddSingleton<TemplateBuilds>().AddSingleton<TemplateEndpoints>();
        return services;
    }

    /// <summary>Serves requests for the inside of sandboxes before all others: a sandbox's ports have every path.</summary>
    public static IApplicationBuilder UseSandboxes(this IApplicationBuilder app)
    {
        var plane = app.ApplicationServices.GetRequiredService<DataPlane>();
        return app.Use(async (context, next) =>
        {
            if (!await plane.TryServeAsync(context))
            {
                await next(context);
            }
        });
    }

    /// <summary>Maps the control plane.</summary>
    public static IEndpointRouteBuilder MapSandboxes(this IEndpointRouteBuilder builder)
    {
        builder.ServiceProvider.GetRequiredService<ControlEndpoints>().Map(builder);
        builder.ServiceProvider.GetRequiredService<TemplateEndpoints>().Map(builder);
        builder.ServiceProvider.GetRequiredService<VolumeEndpoints>().Map(builder);
        builder.ServiceProvider.GetRequiredService<VolumeContent>().Map(builder);
        return builder;
    }
}
