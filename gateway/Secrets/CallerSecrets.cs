using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Secrets;

/// <summary>
/// The secrets of the store that callers made for themselves, by E2B's API. Those of <c>toolrt secrets set</c> are not among them: a key that lets
/// somebody call does not let him see or change what stands there for functions. Each is meant by its id, or by its name in any case.
/// </summary>
public sealed class CallerSecrets(SecretStore store, TimeProvider time)
{
    /// <summary>Most of one tenant: the store is written whole at each change.</summary>
    public const int Most = 256;

    /// <summary>A tenant's, in the order of their names.</summary>
    public IReadOnlyList<CallerSecret> List(string tenant) => store.Look(tenant, static secrets => All(secrets).OrderBy(s => s.Name, StringComparer.Ordinal).ToList());

    /// <summary>One of them.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound.</exception>
    public CallerSecret Get(string tenant, string idOrName) => store.Look(tenant, secrets => Find(secrets, idOrName));

    /// <summary>Stores a new one.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments; SandboxConflict: the name is taken; QuotaExceeded: there are <see cref="Most"/>.</exception>
    internal CallerSecret Create(string tenant, SecretBody body)
    {
        var (name, value, now) = (SecretRules.Name(body.Name), SecretRules.Value(body.Value), time.GetUtcNow());
        var facts = new SecretFacts { Id = SecretFacts.IdPrefix + Ids.New(), Metadata = SecretRules.Metadata(body.Metadata) ?? [], CreatedAt = now, UpdatedAt = now };
        store.Change(tenant, secrets =>
        {
            if (secrets.TryGetValue(name, out var old))
            {
                throw new FunctionFaultException(
                    FaultCode.SandboxConflict,
                    $"there is a secret '{name}' already",
                    old.Facts is null ? "'toolrt secrets set' stored it; choose another name" : "Secret.update gives it another value");
            }

            if (All(secrets).Count() >= Most)
            {
                throw new FunctionFaultException(FaultCode.QuotaExceeded, $"there are {Most} secrets already, the most that a tenant may make", "destroy one that is not needed");
            }

            secrets[name] = new StoredSecret(value, facts);
            return true;
        });
        return new CallerSecret(name, facts);
    }

    /// <summary>Gives one another value, and other metadata where there is some.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments or SandboxNotFound.</exception>
    internal CallerSecret Update(string tenant, string idOrName, SecretBody body)
    {
        var (value, metadata, now) = (SecretRules.Value(body.Value), SecretRules.Metadata(body.Metadata), time.GetUtcNow());
        CallerSecret updated = null!;
        store.Change(tenant, secrets =>
        {
            var (name, facts) = Find(secrets, idOrName);
            updated = new CallerSecret(name, facts.Renewed(now) with { Metadata = metadata ?? facts.Metadata });
            secrets[name] = new StoredSecret(value, updated.Facts);
            return true;
        });
        return updated;
    }

    /// <summary>Removes one.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound.</exception>
    public void Remove(string tenant, string idOrName) => store.Change(tenant, secrets => secrets.Remove(Find(secrets, idOrName).Name));

    private static CallerSecret Find(IReadOnlyDictionary<string, StoredSecret> secrets, string idOrName) =>
        (idOrName.StartsWith(SecretFacts.IdPrefix, StringComparison.Ordinal)
            ? All(secrets).FirstOrDefault(s => s.Facts.Id == idOrName)
            : secrets.GetValueOrDefault(idOrName.ToLowerInvariant())?.Facts is { } facts ? new CallerSecret(idOrName.ToLowerInvariant(), facts) : null)
        ?? throw new FunctionFaultException(FaultCode.SandboxNotFound, "there is no secret of that id or name", "Secret.list shows them");

    private static IEnumerable<CallerSecret> All(IReadOnlyDictionary<string, StoredSecret> secrets) =>
        secrets.Where(s => s.Value.Facts is not null).Select(s => new CallerSecret(s.Key, s.Value.Facts!));
}
