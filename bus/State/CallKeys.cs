using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;

namespace ToolRuntime.Bus.State;

/// <summary>Idempotency keys of calls: bucket CALLKEYS, by tenant, tool and key; each stands for 24 hours.</summary>
public sealed class CallKeys
{
    /// <summary>How long a key stands for its call.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromHours(24);

    private readonly NatsKVStore _store;

    internal CallKeys(NatsKVStore store) => _store = store;

    /// <summary>Lets a key stand for a call; gives the call that it stands for, which is an earlier one where there is one.</summary>
    public async ValueTask<CallClaim> ClaimAsync(string tenant, string tool, string key, CallClaim claim, CancellationToken cancellationToken)
    {
        var place = $"{NatsSubject.Token(tenant)}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tool}\n{key}")))}";
        while (true)
        {
            if (await _store.TryGetEntryAsync(place, cancellationToken) is { } entry && JsonSerializer.Deserialize(entry.Value.Span, CallClaimJson.Default.CallClaim) is { } standing)
            {
                return standing;
            }

            if (await _store.TryUpdateAsync(place, JsonSerializer.SerializeToUtf8Bytes(claim, CallClaimJson.Default.CallClaim), 0, cancellationToken) is not null)
            {
                return claim;
            }
        }
    }
}
