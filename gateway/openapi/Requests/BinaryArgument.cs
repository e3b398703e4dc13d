using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>
/// Bytes out of an argument: base64, a <c>data:</c> URI, the URI of a resource, or an object with one of these (<c>data</c> or <c>blob</c>, or
/// <c>uri</c>) and, if it will, <c>mimeType</c> and <c>name</c>, as MCP's resource contents have them.
/// </summary>
/// <param name="Body">The bytes.</param>
/// <param name="MediaType">What the argument says they are, or null.</param>
/// <param name="Name">Their file name, or null.</param>
internal sealed partial record BinaryArgument(RequestBody Body, string? MediaType, string? Name)
{
    private const string Unknown = "application/octet-stream";

    /// <summary>Reads the argument.</summary>
    /// <param name="argument">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="contentType">What the document says the bytes are; null to take what the argument says.</param>
    /// <param name="find">Finds resources; null where there are none.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="ApiFaultException">It is none of these.</exception>
    public static async ValueTask<BinaryArgument> ReadAsync(string argument, JsonElement value, string? contentType, FindResource? find, CancellationToken cancellationToken)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return await ReadObjectAsync(argument, value, contentType, find, cancellationToken);
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            throw Refused(argument);
        }

        if (Base64Body.TryCreate(value, 0, contentType ?? Unknown) is { } bytes)
        {
            return new(bytes, null, null);
        }

        var text = ArgumentText.Of(argument, value);
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return ReadData(argument, value, text, contentType);
        }

        return Scheme().IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? await ReadResourceAsync(argument, uri, contentType, find, cancellationToken)
            : throw Refused(argument);
    }

    private static async ValueTask<BinaryArgument> ReadObjectAsync(string argument, JsonElement value, string? contentType, FindResource? find, CancellationToken cancellationToken)
    {
        var (type, name) = (Member(value, "mimeType"), Member(value, "name") ?? Member(value, "filename"));
        foreach (var member in (string[])["data", "blob", "uri"])
        {
            if (value.TryGetProperty(member, out var inner) && inner.ValueKind == JsonValueKind.String)
            {
                var read = await ReadAsync(argument, inner, contentType ?? type, find, cancellationToken);
                return read with { MediaType = type ?? read.MediaType, Name = name ?? read.Name };
            }
        }

        return Member(value, "text") is { } text
            ? new(new BytesBody(Encoding.UTF8.GetBytes(text)) { ContentType = contentType ?? type ?? "text/plain" }, type, name)
            : throw Refused(argument);
    }

    /// <summary>RFC 2397.</summary>
    private static BinaryArgument ReadData(string argument, JsonElement value, string text, string? contentType)
    {
        var comma = text.IndexOf(',');
        if (comma < 0)
        {
            throw Refused(argument);
        }

        var parameters = text[5..comma].Split(';', StringSplitOptions.TrimEntries);
        var type = parameters[0].Length > 0 ? parameters[0] : "text/plain";
        var name = parameters.Skip(1).FirstOrDefault(p => p.StartsWith("name=", StringComparison.OrdinalIgnoreCase) || p.StartsWith("filename=", StringComparison.OrdinalIgnoreCase));
        var isBase64 = parameters.Length > 1 && parameters[^1].Equals("base64", StringComparison.OrdinalIgnoreCase);
        ArgumentText.RefuseControls(argument, type);
        RequestBody? body = isBase64
            ? Base64Body.TryCreate(value, Encoding.UTF8.GetByteCount(text.AsSpan(0, comma + 1)), contentType ?? type)
            : new BytesBody(Encoding.UTF8.GetBytes(PercentEncoding.Decode(text[(comma + 1)..]))) { ContentType = contentType ?? type };
        return new(body ?? throw Refused(argument), type, name is null ? null : PercentEncoding.Decode(name[(name.IndexOf('=') + 1)..]).Trim('"'));
    }

    private static async ValueTask<BinaryArgument> ReadResourceAsync(string argument, Uri uri, string? contentType, FindResource? find, CancellationToken cancellationToken)
    {
        var resource = find is null ? null : await find(uri, cancellationToken);
        return resource is null
            ? throw ApiFaultException.Argument(argument, "names a resource that is not there")
            : new(new ResourceBody(resource, argument) { ContentType = contentType ?? resource.MediaType ?? Unknown }, resource.MediaType, resource.Name);
    }

    private static string? Member(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static ApiFaultException Refused(string argument) => ApiFaultException.Argument(argument, "is neither base64, nor a data: URI, nor the URI of a resource");

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*:", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex Scheme();
}
