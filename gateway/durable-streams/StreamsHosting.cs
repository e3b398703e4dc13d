using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ToolRuntime.Streams;

/// <summary>Puts durable streams into a gateway. The host registers both kinds of the bus's streams, a <see cref="StreamCallerReader"/> and a clock.</summary>
public static class StreamsHosting
{
    /// <summary>Registers the parts.</summary>
    public static IServiceCollection AddStreams(this IServiceCollection services) =>
        services.AddSingleton<SseHandler>().AddSingleton<ReadHandler>().AddSingleton<CreateHandler>().AddSingleton<StreamsEndpoint>();

    /// <summary>Maps <c>/v1/streams/{name}</c> and <c>/v1/sessions/{id}/stream</c>.</summary>
    public static IEndpointRouteBuilder MapStreams(this IEndpointRouteBuilder builder)
    {
        var endpoint = builder.ServiceProvider.GetRequiredService<StreamsEndpoint>();
        builder.Map($"{StreamNames.Prefix}{{**path}}", endpoint.HandleAsync);
        builder.Map("/v1/sessions/{id}/stream", endpoint.HandleSessionAsync);
        return builder;
    }
}
