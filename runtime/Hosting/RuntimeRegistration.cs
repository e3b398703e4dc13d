using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Hosting;

/// <summary>Registers a runtime.</summary>
public static class RuntimeRegistration
{
    /// <summary>
    /// Adds one runtime as a hosted service. It needs <see cref="MessageBus"/> and <see cref="WarmPools"/> from the
    /// container, both started; it disposes neither. The pools' <see cref="LayerCache"/> fetches with <see cref="FetchLayer"/>.
    /// </summary>
    public static IServiceCollection AddRuntime(this IServiceCollection services, RuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new RuntimeService(
            options,
            provider.GetRequiredService<MessageBus>(),
            provider.GetRequiredService<WarmPools>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<RuntimeService>());
        return services;
    }

    /// <summary>Fetches layers that this runtime's builds, or another one's, have stored.</summary>
    public static Func<string, LayerReference, Stream, CancellationToken, ValueTask<bool>> FetchLayer(ObjectStore objects) =>
        (tenant, layer, destination, cancellationToken) => objects.TryGetAsync(tenant, LayerWriter.ObjectKind, layer.Digest, destination, cancellationToken);
}
