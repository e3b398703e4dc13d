using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress.Http;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// Puts stored secrets into the headers that rules add. Asked of a gateway when a request needs one, and kept for <see cref="Kept"/> in this
/// process's memory only; a changed secret holds after that time.
/// </summary>
/// <param name="ask">The secrets of a tenant by their names.</param>
/// <param name="time">The clock.</param>
internal sealed partial class EgressSecrets(Func<string, IReadOnlyList<string>, CancellationToken, Task<IReadOnlyDictionary<string, string>>> ask, TimeProvider time)
{
    /// <summary>How long one is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private const int Most = 1024;
    private static readonly HashSet<string> s_refused = new(
        ["Host", "Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Keep-Alive", "Proxy-Connection"], StringComparer.OrdinalIgnoreCase);

    private readonly ConcurrentDictionary<(string Tenant, string Name), (string Value, long At)> _known = new();

    /// <summary>The headers as they go out.</summary>
    /// <exception cref="EgressFailedException">One cannot be had, or cannot be a header; its value is never told.</exception>
    public async ValueTask<IReadOnlyDictionary<string, string>> FillAsync(string tenant, IReadOnlyDictionary<string, string> headers, CancellationToken cancellationToken)
    {
        if (headers.Count == 0)
        {
            return headers;
        }

        var filled = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, written) in headers)
        {
            var value = await FillAsync(tenant, written, cancellationToken);
            if (s_refused.Contains(name) || !RequestHead.IsHeader(name, value))
            {
                throw new EgressFailedException($"the rules add a header '{name}' that no request can have");
            }

            filled[name] = value;
        }

        return filled;
    }

    private async ValueTask<string> FillAsync(string tenant, string written, CancellationToken cancellationToken)
    {
        // What a secret holds is not read for references again.
        var (filled, at) = (new StringBuilder(), 0);
        foreach (Match match in Reference().Matches(written))
        {
            var reference = match.Groups["reference"];
            filled.Append(written, at, reference.Index - at).Append(await ValueOfAsync(tenant, match.Groups["name"].Value, cancellationToken));
            at = reference.Index + reference.Length;
            if (filled.Length > RequestHead.Largest)
            {
                throw new EgressFailedException("the rules add a header that is longer than any request's head");
            }
        }

        return filled.Append(written, at, written.Length - at).ToString();
    }

    private async ValueTask<string> ValueOfAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((tenant, name), out var known) && time.GetElapsedTime(known.At) < Kept)
        {
            return known.Value;
        }

        try
        {
            var value = (await ask(tenant, [name], cancellationToken))[name];
            if (_known.Count >= Most)
            {
                _known.Clear();
            }

            _known[(tenant, name)] = (value, time.GetTimestamp());
            return value;
        }
        catch (Exception error) when (error is FunctionFaultException or KeyNotFoundException)
        {
            throw new EgressFailedException($"the secret {name}, which the rules add, cannot be had", error);
        }
    }

    [GeneratedRegex(@"(?<reference>\$\{secret:(?<name>[A-Za-z0-9_.\-]{1,128})\})|(^|[\s=:])(?<reference>secret:(?<name>[A-Za-z0-9_.\-]{1,128}))$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();
}
