using System.Text.Json;

using ToolRuntime.Runtime.Sandboxes;

namespace ToolRuntime.Runtime.Hosting;

/// <summary>What the part request <see cref="RequestName"/> answers.</summary>
internal sealed record RuntimeStatus(string Runtime, int InFlight, int Capacity, int Sessions, IReadOnlyList<FunctionStatus> Functions)
{
    /// <summary>The part request.</summary>
    public const string RequestName = "runtime.status";

    /// <summary>The state of a runtime.</summary>
    public static RuntimeStatus Of(RuntimeOptions options, int inFlight, int sessions, FunctionSandboxes sandboxes) => new(
        options.RuntimeId,
        inFlight,
        options.MaximumInFlight,
        sessions,
        [.. sandboxes.Pools.Select(Of).OrderBy(f => f.Tenant, StringComparer.Ordinal).ThenBy(f => f.Function, StringComparer.Ordinal)]);

    /// <summary>UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.Default.RuntimeStatus);

    private static FunctionStatus Of(FunctionPool pool)
    {
        var view = pool.View;
        return new FunctionStatus(
            pool.Version.Tenant, pool.Version.Manifest.Name, pool.Version.Digest, pool.Version.Pool, view.Live, view.Booting, view.Waiting, view.InFlight, view.Minimum);
    }
}
