using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ToolRuntime.Streams;

/// <summary>Puts durable streams into a gateway. The host registers the bus's streams, a <see cref="StreamCallerReader"/> and a clock.</summary>
public static class StreamsHosting
{
    /// <summary>Registers the parts.</summary>
    public static IServiceCollection AddStreams(this IServiceCollection services) =>
        services.AddSingleton<SseHandler>().AddSingleton<ReadHandler>().AddSingleton<AppendHandler>().AddSingleton<CreateHandler>().AddSingleton<StreamsEndpoint>();

    /// <summary>Maps <c>/v1/streams/{name}</c>.</summary>
    public static IEndpointRouteBuilder MapStreams(this IEndpointRouteBuilder builder)
    {
        builder.Map($"{StreamNames.Prefix}{{**path}}", builder.ServiceProvider.GetRequiredService<StreamsEndpoint>().HandleAsync);
        return builder;
    }
}
