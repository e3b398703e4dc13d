using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Reads a resource of an MCP server as its caller, for what is sent on to somebody else.</summary>
public sealed class ResourceReader(ServerRequests requests)
{
    /// <summary>The bytes and media type of a resource; null where no server of the caller has it.</summary>
    /// <exception cref="FunctionFaultException">The server did not give it.</exception>
    public async ValueTask<(ReadOnlyMemory<byte> Bytes, string? MediaType)?> ReadAsync(Caller caller, string? session, Uri uri, CancellationToken cancellationToken)
    {
        using var parameters = new ReplyBuffer();
        parameters.Raw("{\"uri\":"u8).Text(uri.OriginalString).Raw("}"u8);
        if (await requests.StartAsync(caller, session, ToolScope.All, ("resources/read", parameters.Written.ToArray()), InvocationOptions.None, cancellationToken) is not { } started)
        {
            return null;
        }

        await using var call = started;
        while (true)
        {
            var item = await call.NextAsync(cancellationToken);
            if (item.Event.Kind == EventKind.Completed)
            {
                return Content(RawJson.Member(RawJson.Member(item.Event.Data, "mcp"u8), "contents"u8));
            }

            if (item.Event.IsTerminal)
            {
                throw new FunctionFaultException(FaultMapping.Read(item.Event));
            }
        }
    }

    private static (ReadOnlyMemory<byte> Bytes, string? MediaType)? Content(ReadOnlyMemory<byte> contents)
    {
        if (contents.IsEmpty)
        {
            return null;
        }

        using var parsed = System.Text.Json.JsonDocument.Parse(contents);
        foreach (var content in parsed.RootElement.EnumerateArray())
        {
            var type = content.TryGetProperty("mimeType"u8, out var given) ? given.GetString() : null;
            if (content.TryGetProperty("blob"u8, out var blob) && blob.TryGetBytesFromBase64(out var bytes))
            {
                return (bytes, type);
            }

            if (content.TryGetProperty("text"u8, out var text))
            {
                return (System.Text.Encoding.UTF8.GetBytes(text.GetString() ?? ""), type);
            }
        }

        return null;
    }
}
