using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Secrets;

namespace ToolRuntime.Gateway.Federation.Sources;

/// <summary>The manifest of a remote server from a request: every error is told at once, each with its member and the fix.</summary>
public static class SourceManifest
{
    private static readonly string[] s_members = ["remote", "prefix", "onFailure", "timeoutSeconds"];
    private static readonly string[] s_reserved =
        ["host", "content-length", "content-type", "accept", "connection", "transfer-encoding", "te", "upgrade", "last-event-id"];

    /// <summary>Reads and checks a manifest.</summary>
    /// <param name="name">The source's name.</param>
    /// <param name="body">JSON with <c>remote</c>, and <c>prefix</c>, <c>onFailure</c>, <c>timeoutSeconds</c> where they are said.</param>
    /// <exception cref="FunctionFaultException">DeployRefused, with every error.</exception>
    public static FunctionManifest Read(string name, ReadOnlyMemory<byte> body)
    {
        List<string> errors = [];
        CheckName(name, errors);
        FunctionManifest? manifest = null;
        try
        {
            var said = JsonElement.Parse(body.Span);
            CheckMembers("", said, s_members, errors);
            CheckNested(said, "remote", FunctionsJson.Default.RemoteServer, errors);
            var read = said.ValueKind == JsonValueKind.Object && errors.Count == 0 ? JsonSerializer.Deserialize(Completed(name, said), FunctionsJson.Default.FunctionManifest) : null;
            manifest = read;
            Check(read, errors);
        }
        catch (JsonException error)
        {
            errors.Add($"{error.Path ?? "the body"}: {error.Message}");
        }

        return errors.Count == 0 ? manifest! : throw new FunctionFaultException(FaultCode.DeployRefused, $"the source '{name}' is refused: {string.Join("; ", errors)}", "docs/federation.md shows every setting");
    }

    /// <summary>What is wrong with headers. Shared with agents.</summary>
    public static void CheckHeaders(IReadOnlyDictionary<string, string> headers, List<string> errors)
    {
        foreach (var (header, value) in headers)
        {
            if (header.Length == 0 || !header.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
            {
                errors.Add($"headers: \"{header}\" is no header's name");
            }
            else if (s_reserved.Contains(header.ToLowerInvariant(), StringComparer.Ordinal) || header.StartsWith("mcp-", StringComparison.OrdinalIgnoreCase))
            {
                errors.Add($"headers: {header} is the protocol's own");
            }

            if (value.Any(char.IsControl))
            {
                errors.Add($"headers.{header}: control characters are not for headers");
            }

            if (SecretHeaders.NameIn(value) is { } secret && !SecretStore.IsName(secret))
            {
                errors.Add($"headers.{header}: \"{secret}\" is no secret's name");
            }
        }
    }

    /// <summary>What is wrong with a URL and the private addresses that are allowed.</summary>
    public static void CheckPlace(string url, IReadOnlyList<string> allowed, List<string> errors)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || parsed.UserInfo.Length > 0 || parsed.Fragment.Length > 0)
        {
            errors.Add($"url: \"{url}\" is no http or https URL without user, password and fragment; credentials belong in headers");
        }

        errors.AddRange(allowed.Where(a => !IPNetwork.TryParse(a, out _) && !IPAddress.TryParse(a, out _) && Uri.CheckHostName(a) != UriHostNameType.Dns)
            .Select(a => $"allowHosts: \"{a}\" is no host, address or network"));
    }

    private static void CheckName(string name, List<string> errors)
    {
        if (!Names.IsFunction(name) || name == "sets")
        {
            errors.Add($"name: \"{name}\" must be a letter and up to 62 of A-Z a-z 0-9 _ -, and not 'sets'");
        }
    }

    private static void Check(FunctionManifest? manifest, List<string> errors)
    {
        if (manifest is null)
        {
            return;
        }

        if (manifest.Remote is not { } remote)
        {
            errors.Add("remote: is missing; it says where the server is");
            return;
        }

        CheckPlace(remote.Url, remote.AllowHosts, errors);
        CheckHeaders(remote.Headers, errors);
        if (remote.RefreshSeconds is < 10 or > 86_400)
        {
            errors.Add($"remote.refreshSeconds: {remote.RefreshSeconds} is not from 10 to 86400");
        }

        if (manifest.TimeoutSeconds is < 1 or > 86_400)
        {
            errors.Add($"timeoutSeconds: {manifest.TimeoutSeconds} is not from 1 to 86400");
        }

        if (!PrefixedNames.IsPrefix(manifest.Prefix ?? ""))
        {
            errors.Add($"prefix: \"{manifest.Prefix}\" is not at most 32 of A-Z a-z 0-9 _ - .");
        }

        CheckAuthorization(remote.Authorization, errors);
    }

    private static void CheckAuthorization(RemoteAuthorization? authorization, List<string> errors)
    {
        if (authorization is null)
        {
            return;
        }

        if (authorization is { ClientSecret: null, RefreshToken: null })
        {
            errors.Add("remote.authorization: needs clientSecret or refreshToken, each the name of a stored secret");
        }

        errors.AddRange(new[] { authorization.ClientSecret, authorization.RefreshToken }.OfType<string>().Where(s => !SecretStore.IsName(s)).Select(s => $"remote.authorization: \"{s}\" is no secret's name"));
        errors.AddRange(new[] { authorization.TokenUrl, authorization.Issuer }.OfType<string>().Where(u => !Uri.TryCreate(u, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")).Select(u => $"remote.authorization: \"{u}\" is no URL"));
    }

    private static void CheckNested(JsonElement said, string member, JsonTypeInfo type, List<string> errors)
    {
        if (said.ValueKind == JsonValueKind.Object && said.TryGetProperty(member, out var nested))
        {
            CheckMembers(member + ".", nested, [.. type.Properties.Select(p => p.Name)], errors);
        }
    }

    private static void CheckMembers(string path, JsonElement said, string[] known, List<string> errors)
    {
        if (said.ValueKind != JsonValueKind.Object)
        {
            errors.Add($"{(path.Length == 0 ? "the body" : path.TrimEnd('.'))}: an object was expected");
            return;
        }

        errors.AddRange(said.EnumerateObject().Where(m => !known.Contains(m.Name, StringComparer.Ordinal)).Select(m => $"{path}{m.Name}: unknown member; known are {string.Join(", ", known)}"));
    }

    private static string Completed(string name, JsonElement said)
    {
        // What is not said has its default, which reading alone would not give it.
        var defaults = new FunctionManifest { Name = name, Language = FunctionLanguage.Mcp, Isolation = Isolation.Session, Remote = new RemoteServer { Url = "" } };
        var whole = JsonSerializer.SerializeToNode(defaults, FunctionsJson.Default.FunctionManifest)!.AsObject();
        foreach (var member in said.EnumerateObject())
        {
            if (member.Name == "remote")
            {
                foreach (var part in member.Value.EnumerateObject())
                {
                    whole["remote"]![part.Name] = JsonNode.Parse(part.Value.GetRawText());
                }
            }
            else
            {
                whole[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }

        return whole.ToJsonString();
    }
}
