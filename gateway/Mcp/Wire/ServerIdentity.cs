using System.Reflection;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>How the gateway names itself.</summary>
public static class ServerIdentity
{
    /// <summary>The server's name.</summary>
    public const string Name = "toolruntime";

    /// <summary>The server's version.</summary>
    public static string Version { get; } = typeof(ServerIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>What a model is told about the server.</summary>
    public const string Instructions = "Every tool here is a function or an MCP server that runs in its own sandbox. Failures come as results with isError and say how to mend them.";

    /// <summary>MCP Implementation object.</summary>
    public static byte[] Implementation { get; } = System.Text.Encoding.UTF8.GetBytes($$"""{"name":"{{Name}}","title":"ToolRuntime","version":"{{Version}}"}""");

    /// <summary>Result <c>_meta</c> of the modern era.</summary>
    public static byte[] ResultMeta { get; } = [.. "{\"io.modelcontextprotocol/serverInfo\":"u8, .. Implementation, .. "}"u8];
}
