using System.Text.Json;
using System.Text.Json.Serialization;

using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Control;

/// <summary>What may go out of a sandbox, as the SDKs say it: member <c>network</c> of a new sandbox, or body of <c>PUT /sandboxes/{id}/network</c>.</summary>
internal sealed record NetworkBody
{
    public IReadOnlyList<string>? AllowOut { get; init; }

    public IReadOnlyList<string>? DenyOut { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<HostRule>>? Rules { get; init; }

    public JsonElement? EgressProxy { get; init; }

    public bool? AllowPublicTraffic { get; init; }

    public string? MaskRequestHost { get; init; }

    public IReadOnlyList<int>? HttpsPorts { get; init; }

    [JsonPropertyName("allow_internet_access")]
    public bool? AllowInternetAccess { get; init; }

    /// <summary>The rules that it means.</summary>
    /// <exception cref="FunctionFaultException">NotSupported: it asks for a proxy of its own, or for an identity token. InvalidArguments: a header has no value, or a placeholder of nothing.</exception>
    /// <param name="internet">Whether the sandbox may reach what no list names, where this body does not say.</param>
    /// <param name="shown">What is shown of it.</param>
    public EgressRules ToRules(bool? internet, JsonElement? shown)
    {
        if (EgressProxy is { ValueKind: JsonValueKind.Object })
        {
            throw new FunctionFaultException(FaultCode.NotSupported, "network.egressProxy: traffic goes out through the host alone", "name what may be reached in allowOut");
        }

        return new EgressRules
        {
            Allow = AllowOut ?? [],
            Deny = DenyOut ?? [],
            AllowsRest = AllowInternetAccess ?? internet ?? IsAllBut,
            Hosts =
            [
                .. (Rules ?? new Dictionary<string, IReadOnlyList<HostRule>>(StringComparer.Ordinal)).SelectMany(r => r.Value.Select(rule => new EgressHostRule
                {
                    Host = r.Key,
                    Headers = SecretPlaceholders.Translate(r.Key, rule.Transform?.Headers),
                })),
            ],
            Shown = shown is { ValueKind: JsonValueKind.Object } written ? WithoutValues(written) : null,
        };
    }

    /// <summary>A list of what must not be reached, alone, is said of sandboxes that reach the rest, as E2B's do.</summary>
    private bool IsAllBut => DenyOut is { Count: > 0 } denied && AllowOut is not { Count: > 0 } && !denied.Contains("0.0.0.0/0", StringComparer.Ordinal);

    private static JsonElement WithoutValues(JsonElement network)
    {
        var node = System.Text.Json.Nodes.JsonObject.Create(network)!;
        if (node["rules"] is System.Text.Json.Nodes.JsonObject rules)
        {
            foreach (var headers in rules.SelectMany(r => r.Value as System.Text.Json.Nodes.JsonArray ?? []).Select(r => r?["transform"]?["headers"]).OfType<System.Text.Json.Nodes.JsonObject>())
            {
                foreach (var name in headers.Select(h => h.Key).ToList())
                {
                    headers[name] = "***";
                }
            }
        }

        return JsonElement.Parse(node.ToJsonString());
    }

    /// <summary>A rule for one host.</summary>
    internal sealed record HostRule(HostTransform? Transform);

    /// <summary>What requests get on their way.</summary>
    internal sealed record HostTransform(IReadOnlyDictionary<string, string>? Headers);
}
