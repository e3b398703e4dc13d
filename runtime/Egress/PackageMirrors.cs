using System.Text;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building.Dependencies;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// Where packages come from on this machine: what its own pip, npm and apt are configured to, read when it is needed and written down nowhere.
/// A sandbox that asks for packages may reach these hosts, and its package managers are told to. Credentials in an address stay here: they are
/// added to requests like those of any rule.
/// </summary>
/// <param name="Hosts">The hosts, with their ports.</param>
/// <param name="Rules">Credentials of hosts.</param>
/// <param name="Environment">What points package managers there.</param>
internal sealed record PackageMirrors(IReadOnlyList<string> Hosts, IReadOnlyList<EgressHostRule> Rules, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Text of apt's sources, or empty.</summary>
    public string AptSources { get; init; } = "";

    /// <summary>No packages.</summary>
    public static PackageMirrors None { get; } = new([], [], new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Reads the machine's configuration.</summary>
    /// <param name="pip">Text of a pip configuration.</param>
    /// <param name="npm">Text of an npm configuration.</param>
    /// <param name="others">Further addresses or hosts: of apt, of the image's recipe.</param>
    public static PackageMirrors Read(string pip, string npm, IEnumerable<string> others)
    {
        var (hosts, rules, environment) = (new List<string>(), new List<EgressHostRule>(), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var (name, value) in PipConfiguration.Read(pip))
        {
            switch (name)
            {
                case "index-url" or "extra-index-url":
                    Set(environment, "PIP_" + name.ToUpperInvariant().Replace('-', '_'), string.Join(' ', Addresses(value).Select(a => Take(a, hosts, rules))));
                    break;
                case "trusted-host":
                    Set(environment, "PIP_TRUSTED_HOST", value.ReplaceLineEndings(" ").Trim());
                    break;
            }
        }

        foreach (var line in npm.Split('\n').Select(l => l.Split('=', 2, StringSplitOptions.TrimEntries)).Where(l => l is ["registry", { Length: > 0 }]))
        {
            Set(environment, "NPM_CONFIG_REGISTRY", Take(line[1].Trim('"', '\''), hosts, rules));
        }

        foreach (var other in others)
        {
            if (other.Contains("://", StringComparison.Ordinal))
            {
                _ = Take(other, hosts, rules);
            }
            else if (EgressEntry.Parse(other) is not null)
            {
                hosts.Add(other);
            }
        }

        return new PackageMirrors([.. hosts.Distinct(StringComparer.Ordinal)], rules, environment);
    }

    private static IEnumerable<string> Addresses(string value) => value.Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void Set(Dictionary<string, string> environment, string name, string value)
    {
        if (value.Length > 0)
        {
            environment[name] = value;
        }
    }

    /// <summary>Notes the host of an address and keeps its credentials; the address without them, or nothing where it is none of HTTP.</summary>
    private static string Take(string address, List<string> hosts, List<EgressHostRule> rules)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            return "";
        }

        var host = url.HostNameType == UriHostNameType.IPv6 ? $"{url.Host}:{url.Port}" : $"{url.IdnHost}:{url.Port}";
        hosts.Add(host);
        if (url.UserInfo.Length == 0)
        {
            return url.AbsoluteUri;
        }

        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo)));
        rules.Add(new EgressHostRule { Host = host, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = $"Basic {credentials}" } });
        return new UriBuilder(url) { UserName = "", Password = "" }.Uri.AbsoluteUri;
    }
}
