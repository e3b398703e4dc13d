using System.Globalization;
using System.Net;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Control;

/// <summary>Turns what the SDKs send into what runtimes are asked.</summary>
internal static class ControlRequests
{
    /// <summary>What a new sandbox is to be.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments or NotSupported: names the member.</exception>
    public static SandboxCreate Create(NewSandbox body, string tenant, int defaultTimeout, bool isAlwaysSecure)
    {
        if (body.Iam is { ValueKind: JsonValueKind.Object })
        {
            throw new FunctionFaultException(FaultCode.NotSupported, "iam: this instance issues no identity tokens", "give the sandbox what it needs as envs, or as headers in network.rules");
        }

        var network = Network(body.Network);
        var template = body.TemplateId is { Length: > 0 } asked ? asked : "base";
        var id = Ids.New();
        return new SandboxCreate
        {
            Tenant = tenant,
            Id = id,
            Template = template,
            Source = template,
            TimeoutSeconds = body.Timeout ?? defaultTimeout,
            Metadata = body.Metadata ?? new Dictionary<string, string>(StringComparer.Ordinal),
            Environment = Environment(body, id, template),
            Settings = new SandboxSettings
            {
                PausesAtEnd = body.AutoPause ?? false,
                KeepsMemory = body.AutoPauseMemory ?? true,
                ResumesByItself = body.AutoResume?.Enabled ?? false,
                AllowsInternet = body.AllowInternetAccess,
                HasPublicPorts = network.AllowPublicTraffic ?? true,
                PortHost = network.MaskRequestHost,
                TlsPorts = network.HttpsPorts ?? [],
                IsSecure = isAlwaysSecure || (body.Secure ?? false),
                Volumes = Volumes(body.VolumeMounts ?? []),
                Packages = body.Packages ?? false,
                MemoryMiB = Memory(body.MemoryMiB),
            },
            Egress = network.ToRules(body.AllowInternetAccess, body.Network),
        };
    }

    private static int Memory(int? asked) => asked switch
    {
        null => new SandboxSettings().MemoryMiB,
        >= 64 and <= 65_536 => asked.Value,
        _ => throw new FunctionFaultException(FaultCode.InvalidArguments, $"memoryMB: {asked} is out of range", "64 to 65536"),
    };

    private static IReadOnlyList<VolumeMount> Volumes(IReadOnlyList<NewSandbox.VolumeMountBody> asked)
    {
        IReadOnlyList<VolumeMount> mounts = [.. asked.Select(v => new VolumeMount(v.Name ?? "", v.Path ?? "") { ReadOnly = v.ReadOnly ?? false })];
        return VolumeMount.WrongIn(mounts) is { } wrong ? throw new FunctionFaultException(FaultCode.InvalidArguments, $"volumeMounts: {wrong}") : mounts;
    }

    /// <summary>Reads a <c>network</c> member.</summary>
    public static NetworkBody Network(JsonElement? network)
    {
        try
        {
            return network is { ValueKind: JsonValueKind.Object } written ? written.Deserialize(ControlJson.Default.NetworkBody) ?? new NetworkBody() : new NetworkBody();
        }
        catch (JsonException error)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"network cannot be read: {error.Message}");
        }
    }

    /// <summary>Which sandboxes a list is to show.</summary>
    public static Func<SandboxRecord, bool> Filter(HttpRequest request, Func<string, string> template)
    {
        var states = request.Query["state"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var metadata = Metadata(request.Query["metadata"].ToString());
        var wanted = request.Query["template"].ToString();
        DateTimeOffset? after = request.Query["startedAfter"].ToString() is { Length: > 0 } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
        return record =>
            (states.Length == 0 || states.Contains(record.State == SandboxState.Running ? "running" : "paused", StringComparer.OrdinalIgnoreCase))
            && metadata.All(m => record.Metadata.TryGetValue(m.Key, out var value) && value == m.Value)
            && (wanted.Length == 0 || record.Template == wanted || record.Template == template(wanted))
            && (after is null || record.StartedAt >= after);
    }

    /// <summary>One page of a list that is in order, and the token of the next.</summary>
    public static (IReadOnlyList<T> Page, string? Next) Page<T>(HttpRequest request, IReadOnlyList<T> all, Func<T, string> id)
    {
        const int Default = 100;
        var limit = int.TryParse(request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0 ? Math.Min(asked, Default) : Default;
        var token = request.Query["nextToken"].ToString();
        var start = token.Length == 0 ? 0 : Math.Max(0, all.TakeWhile(item => id(item) != token).Count() + 1);
        var page = all.Skip(start).Take(limit).ToList();
        return (page, start + page.Count < all.Count && page.Count > 0 ? id(page[^1]) : null);
    }

    /// <summary>A query's moment in seconds since 1970, or null.</summary>
    public static DateTimeOffset? Seconds(HttpRequest request, string name) =>
        long.TryParse(request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, 253_402_300_799)) : null;

    private static Dictionary<string, string> Environment(NewSandbox body, string id, string template)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["E2B_SANDBOX"] = "true", ["E2B_SANDBOX_ID"] = id, ["E2B_TEMPLATE_ID"] = template };
        foreach (var (key, value) in body.EnvVars ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (key.Length == 0 || key.Contains('=', StringComparison.Ordinal) || key.Contains('\0', StringComparison.Ordinal) || value.Contains('\0', StringComparison.Ordinal))
            {
                throw new FunctionFaultException(FaultCode.InvalidArguments, $"envVars: '{key}' cannot be the name of a variable, or its value holds a zero byte");
            }

            environment[key] = value;
        }

        return environment;
    }

    // A form string (the query's own encoding is off already), whose keys and values were encoded once more.
    private static Dictionary<string, string> Metadata(string form) =>
        form.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => Decode(pair[0]), pair => Decode(pair[1]), StringComparer.Ordinal)
            .ToDictionary(values => values.Key, values => values.Last(), StringComparer.Ordinal);

    private static string Decode(string text) => Uri.UnescapeDataString(WebUtility.UrlDecode(text));
}
