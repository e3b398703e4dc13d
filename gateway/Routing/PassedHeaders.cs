using System.Collections.Immutable;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Routing;

/// <summary>Headers of a caller's request that the operator of an API lets pass to it.</summary>
public static class PassedHeaders
{
    /// <summary>Those of <paramref name="headers"/> that go with a call of <paramref name="route"/>; none where it leads to no API.</summary>
    public static ImmutableDictionary<string, string> Of(IHeaderDictionary? headers, ToolRoute route)
    {
        var passed = ImmutableDictionary<string, string>.Empty;
        if (headers is null || route.Api is not { Source.Settings.PassHeaders: { Count: > 0 } names })
        {
            return passed;
        }

        foreach (var name in names)
        {
            if (headers.TryGetValue(name, out var value) && value.Count == 1)
            {
                passed = passed.Add(name, value.ToString());
            }
        }

        return passed;
    }
}
