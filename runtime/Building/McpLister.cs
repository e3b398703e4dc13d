using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building;

/// <summary>The least of an MCP client: says hello over stdio and lists the tools. The server is a guest: lines are bounded and checked.</summary>
internal sealed class McpLister(Stream server)
{
    private const string LegacyVersion = "2025-11-25";
    private const string ModernVersion = "2026-07-28";
    private const int MaximumLine = 16 << 20;
    private const int MaximumPages = 100;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly byte[] _buffer = new byte[32 << 10];
    private ReadOnlyMemory<byte> _rest;
    private int _id;
    private bool _isModern;

    /// <summary>The server's tools, and what else it lists.</summary>
    /// <exception cref="EndOfStreamException">The server ended.</exception>
    /// <exception cref="InvalidDataException">It did not speak MCP.</exception>
    public async Task<McpListing> ListAsync(CancellationToken cancellationToken)
    {
        var hello = await GreetAsync(cancellationToken);
        var tools = hello["capabilities"]?["tools"] is null ? [] : await PagesAsync("tools/list", "tools", cancellationToken);
        var snapshot = new ServerSnapshot
        {
            Revision = _isModern ? ModernVersion : Text(hello, "protocolVersion") ?? LegacyVersion,
            Capabilities = hello["capabilities"].Deserialize<JsonElement>(),
            Prompts = await TryPagesAsync(hello, "prompts", "prompts/list", "prompts", cancellationToken),
            Resources = await TryPagesAsync(hello, "resources", "resources/list", "resources", cancellationToken),
            Templates = await TryPagesAsync(hello, "resources", "resources/templates/list", "resourceTemplates", cancellationToken),
        };
        return new McpListing([.. tools.Select(Read)], snapshot);
    }

    private async Task<List<JsonElement>> PagesAsync(string method, string member, CancellationToken cancellationToken)
    {
        List<JsonElement> items = [];
        string? cursor = null;
        for (var page = 0; page < MaximumPages; page++)
        {
            var result = await RequestAsync(method, cursor is null ? [] : new JsonObject { ["cursor"] = cursor }, cancellationToken);
            items.AddRange((result[member] as JsonArray ?? []).Select(i => i.Deserialize<JsonElement>()));
            cursor = Text(result, "nextCursor");
            if (cursor is null)
            {
                break;
            }
        }

        return items;
    }

    /// <summary>A list that is kept where the server gives it and it is not too long; null leaves it to be asked for.</summary>
    private async Task<IReadOnlyList<JsonElement>?> TryPagesAsync(JsonObject hello, string capability, string method, string member, CancellationToken cancellationToken)
    {
        if (hello["capabilities"]?[capability] is null)
        {
            return [];
        }

        try
        {
            var items = await PagesAsync(method, member, cancellationToken);
            return items.Sum(i => i.GetRawText().Length) <= ServerSnapshot.MaximumListBytes ? items : null;
        }
        catch (InvalidDataException)
        {
            // Servers say that they have resources, and then know no templates.
            return [];
        }
    }

    /// <summary>The handshake first; a server that refuses it may be of 2026-07-28, where none is left.</summary>
    private async Task<JsonObject> GreetAsync(CancellationToken cancellationToken)
    {
        try
        {
            var hello = await RequestAsync(
                "initialize",
                new JsonObject { ["protocolVersion"] = LegacyVersion, ["capabilities"] = Capabilities(), ["clientInfo"] = ClientInfo() },
                cancellationToken);
            await SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = "notifications/initialized" }, cancellationToken);
            return hello;
        }
        catch (InvalidDataException refused)
        {
            _isModern = true;
            try
            {
                return await RequestAsync("server/discover", [], cancellationToken);
            }
            catch (InvalidDataException)
            {
                // It knows neither: why it refused the handshake is the better reason.
                throw refused;
            }
        }
    }

    /// <summary>What the gateway offers to servers: some list tools only for clients that can do what the tools need.</summary>
    private static JsonObject Capabilities() => new()
    {
        ["elicitation"] = new JsonObject { ["form"] = new JsonObject(), ["url"] = new JsonObject() },
        ["sampling"] = new JsonObject(),
        ["roots"] = new JsonObject(),
    };

    private static JsonObject ClientInfo() => new() { ["name"] = "toolrt", ["version"] = "0.1.0" };

    private static JsonObject Meta() => new()
    {
        ["io.modelcontextprotocol/protocolVersion"] = ModernVersion,
        ["io.modelcontextprotocol/clientCapabilities"] = Capabilities(),
        ["io.modelcontextprotocol/clientInfo"] = ClientInfo(),
    };

    private static ToolDefinition Read(JsonElement tool) =>
        ToolJson.Read(tool) ?? throw new InvalidDataException($"a tool without a name or inputSchema: {tool.GetRawText()}");

    private static string? Text(JsonNode? node, string name) => node?[name]?.GetValueKind() == JsonValueKind.String ? node[name]!.GetValue<string>() : null;

    private async Task<JsonObject> RequestAsync(string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        var id = ++_id;
        if (_isModern)
        {
            parameters["_meta"] = Meta();
        }

        await SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters }, cancellationToken);
        while (true)
        {
            if (await ReceiveAsync(cancellationToken) is not { } message)
            {
                continue;
            }

            if (message["method"] is not null)
            {
                await RefuseAsync(message, cancellationToken);
            }
            else if (message["id"]?.GetValueKind() == JsonValueKind.Number && message["id"]!.GetValue<long>() == id)
            {
                return message["result"] as JsonObject ?? throw new InvalidDataException($"{method}: {message["error"]?.ToJsonString() ?? "no result"}");
            }
        }
    }

    /// <summary>A server may ask while it starts; nobody is there to answer.</summary>
    private async Task RefuseAsync(JsonObject request, CancellationToken cancellationToken)
    {
        if (request["id"] is not { } id)
        {
            return;
        }

        await SendAsync(new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = id.DeepClone(),
            ["error"] = new JsonObject { ["code"] = -32601, ["message"] = "not available while the server is deployed" },
        }, cancellationToken);
    }

    private async Task SendAsync(JsonObject message, CancellationToken cancellationToken) =>
        await server.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(message), (byte)'\n'], cancellationToken);

    /// <summary>The next line; null when it is not a JSON object, since servers are known to print other things.</summary>
    private async Task<JsonObject?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var line = await LineAsync(cancellationToken);
        try
        {
            return JsonNode.Parse(line.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<ReadOnlyMemory<byte>> LineAsync(CancellationToken cancellationToken)
    {
        _line.ResetWrittenCount();
        while (true)
        {
            var end = _rest.Span.IndexOf((byte)'\n');
            _line.Write(_rest.Span[..(end < 0 ? _rest.Length : end)]);
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (end >= 0)
            {
                return _line.WrittenMemory;
            }

            if (_line.WrittenCount > MaximumLine)
            {
                throw new InvalidDataException($"a line of more than {MaximumLine >> 20} MiB");
            }

            var read = await server.ReadAsync(_buffer, cancellationToken);
            _rest = read > 0 ? _buffer.AsMemory(0, read) : throw new EndOfStreamException("the server closed its output");
        }
    }
}
