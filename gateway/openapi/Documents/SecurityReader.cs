using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>Security schemes of every version.</summary>
internal static class SecurityReader
{
    public static Dictionary<string, ApiSecurityScheme> Read(LoadedDocument document, JsonElement node)
    {
        var schemes = new Dictionary<string, ApiSecurityScheme>(StringComparer.Ordinal);
        foreach (var entry in node.Members())
        {
            if (document.Follow(entry.Value) is { } place && Scheme(place.Node) is { } scheme)
            {
                schemes[entry.Name] = scheme;
            }
        }

        return schemes;
    }

    private static ApiSecurityScheme? Scheme(JsonElement node) => node.Text("type")?.ToUpperInvariant() switch
    {
        "APIKEY" when node.Text("name") is { Length: > 0 } name => new ApiSecurityScheme
        {
            Kind = ApiSecurityKind.ApiKey,
            Name = name,
            Place = ParameterReader.PlaceOf(node.Text("in")) is { } place and (ParameterPlace.Query or ParameterPlace.Cookie) ? place : ParameterPlace.Header,
        },
        "BASIC" => new ApiSecurityScheme { Kind = ApiSecurityKind.Basic },
        "HTTP" => Http(node.Text("scheme") ?? ""),
        "OAUTH2" => OAuth2(node),
        "OPENIDCONNECT" => new ApiSecurityScheme { Kind = ApiSecurityKind.OpenIdConnect, OpenIdConnectUrl = node.Text("openIdConnectUrl") },
        "MUTUALTLS" => new ApiSecurityScheme { Kind = ApiSecurityKind.MutualTls },
        _ => null,
    };

    private static ApiSecurityScheme Http(string scheme) => scheme.ToUpperInvariant() switch
    {
        "BASIC" => new ApiSecurityScheme { Kind = ApiSecurityKind.Basic },
        "BEARER" => new ApiSecurityScheme { Kind = ApiSecurityKind.Bearer },
        _ => new ApiSecurityScheme { Kind = ApiSecurityKind.HttpOther, HttpScheme = scheme },
    };

    private static ApiSecurityScheme OAuth2(JsonElement node)
    {
        // 2.0 has one flow in the scheme itself, and calls this one "application".
        var flow = node.Text("flow") is "application" ? node : node.Member("flows").Member("clientCredentials");
        return new ApiSecurityScheme { Kind = ApiSecurityKind.OAuth2, HasClientCredentials = flow.IsObject(), TokenUrl = flow.Text("tokenUrl") };
    }
}
