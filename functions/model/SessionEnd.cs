namespace ToolRuntime.Functions;

/// <summary>
/// Tells the runtime that owns a session that it is over: part request <see cref="RequestNameOf"/>, this record as JSON, answered with an
/// empty object. Its sandboxes end at once; one in which a call still runs ends with that call.
/// </summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Session">Which.</param>
public sealed record SessionEnd(string Tenant, string Session)
{
    /// <summary>The part request that carries it to <paramref name="runtime"/>.</summary>
    public static string RequestNameOf(string runtime) => $"runtime.end.{runtime}";
}
