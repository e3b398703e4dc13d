using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;

namespace ToolRuntime.Gateway.Secrets;

/// <summary>
/// Stored secrets: one file of mode 0600 beside the data, swapped whole at each change. They are not on the bus at rest; a runtime gets the
/// ones that a version names by the part request <see cref="SecretRequest"/>, for which it must hold the bus's credentials.
/// </summary>
public sealed class SecretStore(string path, TimeProvider time)
{
    private static readonly Dictionary<string, StoredSecret> s_none = [];
    private readonly Lock _lock = new();
    private Dictionary<string, Dictionary<string, StoredSecret>>? _known;
    private (DateTime Written, long Length) _stamp;

    /// <summary>Most bytes of one value.</summary>
    public const int MaximumValueBytes = 64 * 1024;

    /// <summary>Whether a secret can have this name: a name of the environment.</summary>
    public static bool IsName(string name) => Names.IsSecret(name);

    /// <summary>Names of a tenant's secrets, in order.</summary>
    public IReadOnlyList<string> List(string tenant) => Look(tenant, static secrets => secrets.Keys.Order(StringComparer.Ordinal).ToList());

    /// <summary>Stores a value; where a caller made a secret of that name, as its next version.</summary>
    public void Set(string tenant, string name, string value) => Change(tenant, secrets =>
    {
        secrets[name] = new StoredSecret(value, secrets.GetValueOrDefault(name)?.Facts?.Renewed(time.GetUtcNow()));
        return true;
    });

    /// <summary>Removes a value; false when there is none.</summary>
    public bool Remove(string tenant, string name) => Change(tenant, secrets => secrets.Remove(name));

    /// <summary>The values of <paramref name="names"/>.</summary>
    /// <exception cref="FunctionFaultException">One is not stored; says which.</exception>
    public SecretValues Resolve(string tenant, IReadOnlyList<string> names) => Look(tenant, stored =>
    {
        var missing = names.Where(n => !stored.ContainsKey(n)).ToList();
        return missing.Count == 0
            ? new SecretValues(names.Distinct(StringComparer.Ordinal).ToDictionary(n => n, n => stored[n].Value, StringComparer.Ordinal))
            : throw new FunctionFaultException(FaultCode.LoadFailed, $"no secret is stored under {string.Join(", ", missing)}", $"store it: toolrt secrets set {missing[0]}");
    });

    /// <summary>What a look at a tenant's secrets finds; it must not keep them, for they change.</summary>
    internal T Look<T>(string tenant, Func<IReadOnlyDictionary<string, StoredSecret>, T> look)
    {
        lock (_lock)
        {
            return look(Load().GetValueOrDefault(tenant) ?? s_none);
        }
    }

    /// <summary>Changes a tenant's secrets, and writes them where <paramref name="change"/> says that it changed any; returns what it says.</summary>
    internal bool Change(string tenant, Func<Dictionary<string, StoredSecret>, bool> change)
    {
        lock (_lock)
        {
            // What is changed here counts once it is written, and is read from there.
            var all = Load();
            _known = null;
            if (!all.TryGetValue(tenant, out var secrets))
            {
                all[tenant] = secrets = new(StringComparer.Ordinal);
            }

            if (!change(secrets))
            {
                return false;
            }

            SecretFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(all, SecretJson.Default.DictionaryStringDictionaryStringStoredSecret));
            return true;
        }
    }

    /// <summary>What the file holds; read again only when it has changed, for calls of APIs ask at each request.</summary>
    private Dictionary<string, Dictionary<string, StoredSecret>> Load()
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return _known = [];
        }

        if ((file.LastWriteTimeUtc, file.Length) is var stamp && (_known is null || stamp != _stamp))
        {
            _known = JsonSerializer.Deserialize(string.Concat(SecretFile.ReadLines(path)), SecretJson.Default.DictionaryStringDictionaryStringStoredSecret) ?? [];
            _stamp = stamp;
        }

        return _known;
    }
}
