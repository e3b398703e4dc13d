using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Calls;

/// <summary>The origins that a source's credentials may go to: its servers', or of these only those on the hosts that the operator names. Pure.</summary>
internal static class TrustedOrigins
{
    /// <summary>Scheme, host and port of each.</summary>
    public static HashSet<string> Of(ApiModel model, ApiSourceOptions options)
    {
        var origins = new HashSet<string>(StringComparer.Ordinal);
        foreach (var operation in model.Operations.DistinctBy(o => o.Servers, ReferenceEqualityComparer.Instance))
        {
            for (var server = 0; server < Math.Max(1, operation.Servers.Count); server++)
            {
                if (Origin(operation, options.Target with { Server = server }) is { } origin)
                {
                    origins.Add(origin);
                }
            }
        }

        var hosts = options.Credentials.Hosts;
        if (hosts.Count > 0)
        {
            origins.RemoveWhere(o => !hosts.Contains(new Uri(o).Host, StringComparer.OrdinalIgnoreCase));
        }

        return origins;
    }

    private static string? Origin(ApiOperation operation, UpstreamTarget target)
    {
        try
        {
            return Redirect.Origin(new Uri(ServerUrl.Resolve(operation, target).Base));
        }
        catch (Exception unusable) when (unusable is ApiFaultException or UriFormatException)
        {
            // A call of it will say what is wrong with the server.
            return null;
        }
    }
}
