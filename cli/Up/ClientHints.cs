using ToolRuntime.Cli.Instances;

namespace ToolRuntime.Cli.Up;

/// <summary>What a user pastes into an MCP client, printed when an instance is ready.</summary>
internal static class ClientHints
{
    public static string For(string url, string launcher, string data) => $$"""

        ToolRuntime is ready.

          MCP endpoint   {{url}}/mcp
          plain HTTP     {{url}}/v1/tools

        Deploy a first tool and call it:
          {{launcher}} deploy functions/samples/add.py
          {{launcher}} call add '{"a":1,"b":2}'

        Clients:
          Inspector      npx @modelcontextprotocol/inspector --cli {{url}}/mcp --transport http --method tools/list
          Claude Code    claude mcp add --transport http toolrt {{url}}/mcp
          VS Code        { "servers": { "toolrt": { "type": "http", "url": "{{url}}/mcp" } } }
          E2B SDKs       E2B_API_URL={{url}} E2B_SANDBOX_URL={{url}} E2B_API_KEY=$(cat {{data}}/local.key)
          stdio only     { "command": "{{launcher}}", "args": ["stdio", "--data", "{{data}}"] }

        Ctrl-C ends it.

        """;

    /// <summary>How another process joins this one's message server.</summary>
    public static string ForOthers(NatsAddress nats, string launcher) => $$"""

        Other processes join with:
          {{NatsAddress.PasswordVariable}}={{nats.PasswordFile}} {{launcher}} up --role gateway --nats {{nats.Url}} --port PORT --data FOLDER
          {{NatsAddress.PasswordVariable}}={{nats.PasswordFile}} {{launcher}} up --role runtime --nats {{nats.Url}} --port PORT --data FOLDER

        """;
}
