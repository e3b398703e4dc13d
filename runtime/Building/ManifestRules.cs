using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;

namespace ToolRuntime.Runtime.Building;

/// <summary>What the members of <c>toolruntime.json</c> may be.</summary>
internal static class ManifestRules
{
    private static readonly Dictionary<string, Action<string, JsonNode?, List<string>>> s_members = new(StringComparer.Ordinal)
    {
        ["$schema"] = Text,
        ["name"] = Text,
        ["language"] = OneOf([.. Enum.GetNames<FunctionLanguage>().Except([nameof(FunctionLanguage.Api), nameof(FunctionLanguage.Sandbox)])]),
        ["entry"] = Text,
        ["image"] = Text,
        ["isolation"] = OneOf(Enum.GetNames<Isolation>()),
        ["retry"] = OneOf(Enum.GetNames<RetryPolicy>()),
        ["timeoutSeconds"] = Number(1, 86_400),
        ["concurrency"] = Number(1, 1_024),
        ["environment"] = Texts,
        ["secrets"] = Secrets,
        ["command"] = List,
        ["port"] = Number(1, 65_535),
        ["prefix"] = Prefix,
        ["onFailure"] = OneOf(Enum.GetNames<ListFailure>()),
        ["volumes"] = Volumes,
        ["egress"] = Egress,
        ["remote"] = Remote,
        ["limits"] = Members(new(StringComparer.Ordinal)
        {
            ["memoryMiB"] = Number(16, 65_536),
            ["cpuMillis"] = Number(0, 64_000),
            ["processes"] = Number(8, 4_096),
            ["scratchMiB"] = Number(1, 65_536),
            ["resultKiB"] = Number(1, 65_536),
            ["outputKiB"] = Number(1, 1_048_576),
        }),
        ["pool"] = Members(new(StringComparer.Ordinal)
        {
            ["min"] = Number(0, 1_000),
            ["max"] = Number(1, 1_000),
            ["idleSeconds"] = Number(1, 86_400),
            ["warm"] = Flag,
        }),
    };

    /// <summary>Adds everything that is wrong with <paramref name="manifest"/> to <paramref name="errors"/>.</summary>
    public static void Check(JsonObject manifest, List<string> errors)
    {
        Check("", manifest, s_members, errors);
        if (manifest["pool"] is JsonObject pool && Long(pool["min"]) is { } least && least > (Long(pool["max"]) ?? new PoolSettings().Max))
        {
            errors.Add($"pool.min: {least} is more than pool.max, {Long(pool["max"]) ?? new PoolSettings().Max}");
        }
    }

    private static long? Long(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    private static void Check(string path, JsonObject node, Dictionary<string, Action<string, JsonNode?, List<string>>> known, List<string> errors)
    {
        foreach (var (name, value) in node)
        {
            if (known.TryGetValue(name, out var check))
            {
                check(path + name, value, errors);
            }
            else
            {
                errors.Add($"{path}{name}: unknown member; known are {string.Join(", ", known.Keys.Where(k => k[0] != '$'))}");
            }
        }
    }

    private static Action<string, JsonNode?, List<string>> Members(Dictionary<string, Action<string, JsonNode?, List<string>>> known) => (path, node, errors) =>
    {
        if (node is JsonObject nested)
        {
            Check(path + ".", nested, known, errors);
        }
        else
        {
            errors.Add($"{path}: an object was expected");
        }
    };

    private static Action<string, JsonNode?, List<string>> Number(long least, long most) => (path, node, errors) =>
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number || !value.TryGetValue<long>(out var number) || number < least || number > most)
        {
            errors.Add($"{path}: {node?.ToJsonString() ?? "null"} is no whole number from {least} to {most}");
        }
    };

    private static void Flag(string path, JsonNode? node, List<string> errors)
    {
        if (node?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
        {
            errors.Add($"{path}: true or false was expected");
        }
    }

    private static void Text(string path, JsonNode? node, List<string> errors)
    {
        if (node?.GetValueKind() is not JsonValueKind.String)
        {
            errors.Add($"{path}: a string was expected");
        }
    }

    private static Action<string, JsonNode?, List<string>> OneOf(string[] known) => (path, node, errors) =>
    {
        if (node?.GetValueKind() is not JsonValueKind.String || !known.Contains(node.GetValue<string>(), StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"{path}: {node?.ToJsonString() ?? "null"} is none of {string.Join(", ", known.Select(k => k.ToLowerInvariant()))}");
        }
    };

    private static void Prefix(string path, JsonNode? node, List<string> errors)
    {
        if (node?.GetValueKind() is not JsonValueKind.String || !PrefixedNames.IsPrefix(node.GetValue<string>()))
        {
            errors.Add($"{path}: {node?.ToJsonString() ?? "null"} is not at most 32 of A-Z a-z 0-9 _ - .");
        }
    }

    private static void Remote(string path, JsonNode? node, List<string> errors) =>
        errors.Add($"{path}: a server that runs somewhere else has no package; add it with 'toolrt mcp add NAME URL'");

    private static void List(string path, JsonNode? node, List<string> errors)
    {
        if (node is not JsonArray items || items.Any(i => i?.GetValueKind() is not JsonValueKind.String))
        {
            errors.Add($"{path}: a list of strings was expected");
        }
    }

    private static void Volumes(string path, JsonNode? node, List<string> errors)
    {
        try
        {
            var mounts = node is JsonArray items ? items.Deserialize(FunctionsJson.Default.IReadOnlyListVolumeMount) : null;
            errors.AddRange(mounts is null ? [$"{path}: a list of {{name, path, readOnly}} was expected"] : VolumeMount.WrongIn(mounts) is { } wrong ? [$"{path}: {wrong}"] : []);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            errors.Add($"{path}: a list of {{name, path, readOnly}} was expected: {error.Message}");
        }
    }

    private static void Egress(string path, JsonNode? node, List<string> errors)
    {
        var before = errors.Count;
        List(path, node, errors);
        if (errors.Count == before && EgressPolicy.WrongIn(new EgressRules { Allow = [.. node!.AsArray().Select(i => i!.GetValue<string>())] }) is { Count: > 0 } wrong)
        {
            errors.Add($"{path}: not a host, address or network: {string.Join(", ", wrong)}; name them as example.com, *.example.com, 10.1.2.3 or 10.1.0.0/16, with :port or without");
        }
    }

    private static void Secrets(string path, JsonNode? node, List<string> errors)
    {
        List(path, node, errors);
        errors.AddRange((node as JsonArray ?? []).Where(i => i?.GetValueKind() is JsonValueKind.String && !Names.IsSecret(i.GetValue<string>()))
            .Select(i => $"{path}: {i!.ToJsonString()} is no secret's name; use up to 128 letters, digits and _, the first one no digit"));
    }

    private static void Texts(string path, JsonNode? node, List<string> errors)
    {
        if (node is not JsonObject members)
        {
            errors.Add($"{path}: an object was expected");
            return;
        }

        errors.AddRange(members.Where(m => m.Value?.GetValueKind() is not JsonValueKind.String).Select(m => $"{path}.{m.Key}: a string was expected"));
        errors.AddRange(members.Where(m => m.Key.Length == 0 || m.Key.AsSpan().ContainsAny('=', '\0')).Select(m => $"{path}: \"{m.Key}\" is no variable's name"));
    }
}
