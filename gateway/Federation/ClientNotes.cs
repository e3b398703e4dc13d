using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Federation;

/// <summary>All that a client may be told beside answers: what deployments change, and what its MCP servers say.</summary>
public sealed class ClientNotes(ToolCatalog catalog, ServerAudiences audiences, SourceHealth health, NamedDocuments<ToolSet> sets)
{
    /// <summary>Calls <paramref name="heard"/> for each note until disposed. It must not block.</summary>
    /// <param name="caller">Who listens.</param>
    /// <param name="session">The session that the caller named, or null.</param>
    /// <param name="heard">Takes a note.</param>
    public IDisposable Subscribe(Caller caller, string? session, Action<ServerNote> heard)
    {
        var servers = Servers(caller.Tenant);
        var deployed = catalog.Subscribe(caller.Tenant, () =>
        {
            heard(new ServerNote(ServerNote.ToolsChanged, default));
            var present = Servers(caller.Tenant);
            if (!present.SequenceEqual(Interlocked.Exchange(ref servers, present), StringComparer.Ordinal))
            {
                heard(new ServerNote(ServerNote.PromptsChanged, default));
                heard(new ServerNote(ServerNote.ResourcesChanged, default));
            }
        });
        void Tell(string tenant)
        {
            if (tenant == caller.Tenant)
            {
                heard(new ServerNote(ServerNote.ToolsChanged, default));
            }
        }

        return new Together([deployed, audiences.Subscribe(caller, session, heard), health.Subscribe(Tell), sets.Subscribe(Tell)]);
    }

    private string[] Servers(string tenant) => [.. catalog.Of(tenant).Servers.Select(v => v.Digest)];

    private sealed class Together(IReadOnlyList<IDisposable> parts) : IDisposable
    {
        public void Dispose()
        {
            foreach (var part in parts)
            {
                part.Dispose();
            }
        }
    }
}
