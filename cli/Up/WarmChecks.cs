using Microsoft.Extensions.DependencyInjection;

using ToolRuntime.Gateway.Http;
using ToolRuntime.Runtime;
using ToolRuntime.Runtime.Hosting;

namespace ToolRuntime.Cli.Up;

/// <summary>What <c>/readyz</c> says of functions with <c>pool.warm</c>, where this process runs them.</summary>
internal static class WarmChecks
{
    /// <summary>A warm sandbox is on its way.</summary>
    public const string Pending = "warm";

    /// <summary>A warm sandbox could not be made: waiting alone does not help.</summary>
    public const string Failed = "failed";

    public static IServiceCollection AddWarmChecks(this IServiceCollection services) => services
        .AddSingleton(provider => Check(provider, Pending, warmth => warmth.Pending))
        .AddSingleton(provider => Check(provider, Failed, warmth => warmth.Failed));

    private static ReadinessCheck Check(IServiceProvider provider, string name, Func<Warmth, string?> missing)
    {
        var runtime = provider.GetRequiredService<RuntimeService>();
        return new ReadinessCheck(name, _ => ValueTask.FromResult(missing(runtime.Warmth)));
    }
}
