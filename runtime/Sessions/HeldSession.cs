using System.Collections.Immutable;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>A session of this runtime: its entry as it was last written, and the versions of which it has or soon has a sandbox.</summary>
internal sealed class HeldSession
{
    private ImmutableDictionary<string, (string Digest, DateTimeOffset Since)> _versions = ImmutableDictionary.Create<string, (string, DateTimeOffset)>(StringComparer.Ordinal);

    /// <summary>Its entry, or null before it was first written.</summary>
    public SessionOwner? Entry { get; set; }

    /// <summary>The digests by function, for the entry.</summary>
    public IReadOnlyDictionary<string, string> Versions => _versions.ToDictionary(v => v.Key, v => v.Value.Digest, StringComparer.Ordinal);

    /// <summary>Notes that the session uses <paramref name="version"/>; false where it is known to use this or another one of the function.</summary>
    public bool TryAdd(FunctionVersion version, DateTimeOffset now) =>
        ImmutableInterlocked.TryAdd(ref _versions, version.Manifest.Name, (version.Digest, now));

    /// <summary>Forgets the versions without a sandbox, but none that was added after <paramref name="before"/>: its sandbox may be on its way.</summary>
    public void Keep(Func<string, bool> hasSandbox, DateTimeOffset before)
    {
        foreach (var (function, (digest, since)) in _versions)
        {
            if (since <= before && !hasSandbox(digest))
            {
                ImmutableInterlocked.TryRemove(ref _versions, function, out _);
            }
        }
    }
}
