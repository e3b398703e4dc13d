using System.Collections.Frozen;
using System.Net;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// What may go out of a sandbox, decided. Pure and immutable: rules, a target and its addresses in, a verdict out. In this order: what the allow
/// list names may; what the deny list names may not; the rest as the rules say. An address that is not of the open internet
/// (<see cref="AddressRanges"/>) may only where the allow list names that address, or a network within such a range; or exactly that host, whose
/// address is then a private one, or loopback where the name is <c>localhost</c>. So no name can lead to a metadata service.
/// </summary>
internal sealed class EgressPolicy
{
    /// <summary>No header.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoHeaders = FrozenDictionary<string, string>.Empty;

    /// <summary>Nothing may go out.</summary>
    public static readonly EgressPolicy Nothing = Of(new EgressRules(), []);

    private readonly EgressEntry[] _allow;
    private readonly EgressEntry[] _deny;
    private readonly (EgressEntry Host, EgressHostRule Rule)[] _hosts;
    private readonly bool _allowsRest;
    private readonly string? _fault;

    private EgressPolicy(EgressRules rules, IEnumerable<string> mirrors)
    {
        var wrong = new List<string>();
        _allow =
        [
            .. mirrors.Select(EgressEntry.Parse).OfType<EgressEntry>().Select(e => e with { IsTrusted = true }),
            .. Read(rules.Allow, wrong),
        ];
        _deny = Read(rules.Deny, wrong);
        _hosts = [.. rules.Hosts.Zip(Read(rules.Hosts.Select(h => h.Host), wrong), (rule, entry) => (entry, rule))];
        _allowsRest = rules.AllowsRest;
        (MaximumBytes, BytesPerSecond) = (rules.MaximumBytes, rules.BytesPerSecond);

        // A rule that nobody understands might have been a refusal: nothing goes out then.
        _fault = wrong.Count == 0 ? null : $"the rules name what is no host, address or network: {string.Join(", ", wrong.Take(3))}";
    }

    /// <summary>Most bytes out and in together; 0 for no limit.</summary>
    public long MaximumBytes { get; }

    /// <summary>Most bytes a second, each way; 0 for no limit.</summary>
    public long BytesPerSecond { get; }

    /// <summary>The policy of rules, and of hosts that the host's own configuration names beside them.</summary>
    public static EgressPolicy Of(EgressRules rules, IEnumerable<string> mirrors) => new(rules, mirrors);

    /// <summary>What of the rules cannot be read.</summary>
    public static IReadOnlyList<string> WrongIn(EgressRules rules) =>
        [.. rules.Allow.Concat(rules.Deny).Concat(rules.Hosts.Select(h => h.Host)).Where(text => EgressEntry.Parse(text) is null)];

    /// <summary>Whether requests to a host must be read: its rules are about more than host and port.</summary>
    public bool Reads(EgressHost host, int port) => RulesOf(host, port).Any();

    /// <summary>Whether a host may be asked for at all, before its name is resolved: a name that nothing allows is not even looked up.</summary>
    public EgressVerdict? Foresee(EgressTarget target)
    {
        if (_fault is not null)
        {
            return EgressVerdict.Refuse(_fault);
        }

        var (host, port) = (target.Host, target.Port);
        if (_allow.Any(e => e.Names(host, port)) || host.Address is not null)
        {
            return null;
        }

        if (_deny.Any(e => e.Names(host, port)))
        {
            return EgressVerdict.Refuse($"the rules deny {host.Text}:{port}");
        }

        // A network in the list may hold whatever address the name turns out to have. Else nothing is looked up: a name can carry data out, too.
        return _allowsRest || _allow.Any(e => e.IsNetwork) ? null : EgressVerdict.Refuse($"no rule allows {host.Text}:{port}");
    }

    /// <summary>Decides.</summary>
    /// <param name="target">What is wanted.</param>
    /// <param name="addresses">What its host resolves to; the address itself where it is one.</param>
    public EgressVerdict Decide(EgressTarget target, IReadOnlyList<IPAddress> addresses)
    {
        if (Foresee(target) is { } refused)
        {
            return refused;
        }

        if (addresses.Count == 0)
        {
            return EgressVerdict.Refuse($"{target.Host.Text} has no address");
        }

        var (allowed, reason) = (new List<IPAddress>(), "");
        foreach (var address in addresses.Select(AddressRanges.Plain))
        {
            var (isAllowed, why) = Judge(target.Host, target.Port, address);
            if (isAllowed)
            {
                allowed.Add(address);
            }

            // What is told of several addresses is why the first may, or else why the first may not.
            reason = (isAllowed && allowed.Count == 1) || reason.Length == 0 ? why : reason;
        }

        return allowed.Count == 0 ? EgressVerdict.Refuse(reason) : DecideRequest(target, allowed, reason);
    }

    /// <summary>Whether a name is denied, or has rules of its own: no way around them leads over its address.</summary>
    public bool Guards(EgressHost name, int port) =>
        Reads(name, port) || (_deny.Any(e => e.Names(name, port)) && !_allow.Any(e => e.Names(name, port)));

    private (bool IsAllowed, string Reason) Judge(EgressHost host, int port, IPAddress address)
    {
        var where = host.Address is null ? $"{host.Text}:{port} at {address}" : $"{host.Text}:{port}";
        var isPublic = AddressRanges.IsPublic(address);
        if (_allow.Any(e => isPublic ? e.Names(host, port) || e.Names(address, port) : Means(e, host, port, address)))
        {
            return (true, $"the rules allow {where}");
        }

        if (!isPublic)
        {
            return (false, $"{where} is a private or reserved address, which the rules do not name");
        }

        if (_deny.Any(e => e.Names(host, port) || e.Names(address, port)))
        {
            return (false, $"the rules deny {where}");
        }

        return _allowsRest ? (true, "the rules allow what they do not name") : (false, $"no rule allows {where}");
    }

    private static bool Means(EgressEntry entry, EgressHost host, int port, IPAddress address) =>
        entry.Means(address, port)
        || (entry.Names(host, port)
            && (entry.IsTrusted || (entry.IsExactName && (AddressRanges.IsPrivate(address) || (host.IsLocalName && IPAddress.IsLoopback(address))))));

    private EgressVerdict DecideRequest(EgressTarget target, IReadOnlyList<IPAddress> addresses, string reason)
    {
        var yes = new EgressVerdict(true, reason) { Addresses = addresses };
        if (target is not { Method: { } method, Path: { } path })
        {
            return yes;
        }

        var rules = RulesOf(target.Host, target.Port).ToList();
        var limiting = rules.Where(r => r.Rule.Methods.Count > 0 || r.Rule.Paths.Count > 0).ToList();
        if (limiting.Count > 0 && !limiting.Any(r => Admits(r.Rule, method, path)))
        {
            return EgressVerdict.Refuse($"the rules of {target.Host.Text} do not allow {Bounded(method)} {Bounded(PathRule.WithoutQuery(path))}");
        }

        // What is meant for all below a name is not for the one below it that has headers of its own.
        var adding = rules.Where(r => r.Rule.Headers.Count > 0 && Admits(r.Rule, method, path)).ToList();
        var nearest = adding.Select(r => r.Host.Exactness).DefaultIfEmpty().Max();
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in adding.Where(r => r.Host.Exactness == nearest).SelectMany(r => r.Rule.Headers))
        {
            headers[name] = value;
        }

        return yes with { Headers = headers };
    }

    private IEnumerable<(EgressEntry Host, EgressHostRule Rule)> RulesOf(EgressHost host, int port) => _hosts
        .Where(h => h.Rule is { Methods.Count: > 0 } or { Paths.Count: > 0 } or { Headers.Count: > 0 })
        .Where(h => h.Host.Names(host, port) || (host.Address is { } address && h.Host.Names(address, port)));

    private static bool Admits(EgressHostRule rule, string method, string path) =>
        (rule.Methods.Count == 0 || rule.Methods.Contains(method, StringComparer.OrdinalIgnoreCase)) && PathRule.Admits(rule.Paths, path);

    private static string Bounded(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static EgressEntry[] Read(IEnumerable<string> texts, List<string> wrong)
    {
        var read = texts.Select(text => (Text: text, Entry: EgressEntry.Parse(text))).ToList();
        wrong.AddRange(read.Where(r => r.Entry is null).Select(r => r.Text));
        return [.. read.Select(r => r.Entry ?? s_never)];
    }

    // In the place of one that cannot be read, so that lists stay in step.
    private static readonly EgressEntry s_never = EgressEntry.Parse("invalid")!;
}
