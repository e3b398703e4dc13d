using System.Text.Json;
using System.Text.Json.Nodes;

namespace ToolRuntime.Gateway.Agents;

/// <summary>An agent's card: where its interfaces are, and the card as clients of the gateway get it.</summary>
internal sealed class AgentCard
{
    private static readonly string[] s_lists = ["additionalInterfaces", "supportedInterfaces"];
    private readonly JsonObject _card;

    private AgentCard(JsonObject card, Uri rpc, Uri? rest) => (_card, Rpc, Rest) = (card, rpc, rest);

    /// <summary>Where JSON-RPC goes.</summary>
    public Uri Rpc { get; }

    /// <summary>Where HTTP+JSON goes, or null where the agent has none.</summary>
    public Uri? Rest { get; }

    /// <summary>What the agent calls itself.</summary>
    public string Title => Text(_card, "name") ?? "the agent";

    /// <summary>Reads a card that stands below <paramref name="place"/>.</summary>
    /// <exception cref="JsonException">It is no card.</exception>
    public static AgentCard Read(ReadOnlySpan<byte> json, Uri place)
    {
        var card = JsonNode.Parse(json) as JsonObject ?? throw new JsonException("the agent's card is no object");
        var interfaces = s_lists.SelectMany(l => (card[l] as JsonArray ?? []).OfType<JsonObject>()).ToList();
        var preferred = Text(card, "preferredTransport") ?? "JSONRPC";
        Uri? Of(string binding) => Text(card, "url") is { } url && preferred == binding
            ? new Uri(place, url)
            : interfaces.Where(i => Binding(i) == binding).Select(i => Text(i, "url")).OfType<string>().Select(u => new Uri(place, u)).FirstOrDefault();
        return new AgentCard(card, Of("JSONRPC") ?? new Uri(place, Text(card, "url") ?? ""), Of("HTTP+JSON"));
    }

    /// <summary>The card with every interface at <paramref name="ours"/>; interfaces that do not pass through are left out, and so is a signature, which no longer fits.</summary>
    public byte[] At(string ours)
    {
        var card = _card.DeepClone().AsObject();
        card.Remove("signatures");
        if (card.ContainsKey("url"))
        {
            card["url"] = Text(card, "preferredTransport") == "HTTP+JSON" ? $"{ours}/rest" : ours;
        }

        foreach (var list in s_lists.Where(card.ContainsKey))
        {
            var kept = new JsonArray();
            foreach (var item in (card[list] as JsonArray ?? []).OfType<JsonObject>().Where(i => Binding(i) is "JSONRPC" or "HTTP+JSON"))
            {
                var moved = item.DeepClone().AsObject();
                moved["url"] = Binding(item) == "HTTP+JSON" ? $"{ours}/rest" : ours;
                kept.Add(moved);
            }

            card[list] = kept;
        }

        return JsonSerializer.SerializeToUtf8Bytes(card);
    }

    private static string? Binding(JsonObject item) => Text(item, "transport") ?? Text(item, "protocolBinding");

    private static string? Text(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
