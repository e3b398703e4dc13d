using System.Collections.Concurrent;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Secrets;

namespace ToolRuntime.Gateway.Agents;

/// <summary>The way to each agent, and its card, which is read again every five minutes.</summary>
public sealed class AgentLinks(SecretStore secrets, TimeProvider time) : IDisposable
{
    private const int MaximumCard = 1024 * 1024;
    private static readonly TimeSpan s_cardFor = TimeSpan.FromMinutes(5);
    private static readonly string[] s_cards = ["/.well-known/agent-card.json", "/.well-known/agent.json"];
    private readonly ConcurrentDictionary<(string Tenant, string Name), Link> _links = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var link in _links.Values)
        {
            link.Http.Dispose();
        }
    }

    /// <summary>The HTTP client of an agent.</summary>
    internal UpstreamHttp Http(Agent agent) => LinkOf(agent).Http;

    /// <summary>An agent's card.</summary>
    /// <exception cref="FunctionFaultException">The agent cannot be reached or has none.</exception>
    internal async ValueTask<AgentCard> CardAsync(Agent agent, CancellationToken cancellationToken)
    {
        var link = LinkOf(agent);
        if (link.Card is { } known && time.GetElapsedTime(link.Since) < s_cardFor)
        {
            return known;
        }

        try
        {
            var card = await FetchAsync(agent, link.Http, cancellationToken);
            (link.Card, link.Since) = (card, time.GetTimestamp());
            return card;
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or InvalidDataException or UriFormatException)
        {
            throw new FunctionFaultException(link.Http.Describe(error), error);
        }
    }

    private static async Task<AgentCard> FetchAsync(Agent agent, UpstreamHttp http, CancellationToken cancellationToken)
    {
        var root = new Uri(agent.Url.TrimEnd('/') + "/");
        foreach (var place in s_cards)
        {
            var url = new Uri(root, place[1..]);
            using var response = await http.SendAsync(() => http.Request(HttpMethod.Get, url), cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return AgentCard.Read(await UpstreamBody.ReadAsync(response.Content, MaximumCard, cancellationToken), root);
            }
        }

        throw new FunctionFaultException(FaultCode.UpstreamFailed, $"the agent '{agent.Name}' has no card below {root}", "the card stands at /.well-known/agent-card.json below the URL");
    }

    private Link LinkOf(Agent agent)
    {
        var key = (agent.Tenant, agent.Name);
        if (_links.TryGetValue(key, out var link) && link.Agent == agent)
        {
            return link;
        }

        string Secret(string name) => secrets.Resolve(agent.Tenant, [name]).Values[name];
        var target = new UpstreamTarget
        {
            Name = agent.Name,
            Url = new Uri(agent.Url),
            Headers = () => SecretHeaders.Resolve(agent.Headers, Secret),
            Secret = Secret,
            Connect = (endpoint, token) => UpstreamAddresses.ConnectAsync(endpoint, agent.AllowHosts, token),
        };
        return _links[key] = new Link(agent, new UpstreamHttp(target, time));
    }

    private sealed class Link(Agent agent, UpstreamHttp http)
    {
        public Agent Agent => agent;

        public UpstreamHttp Http => http;

        public AgentCard? Card { get; set; }

        public long Since { get; set; }
    }
}
