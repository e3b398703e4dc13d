using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>What a function is written in, or that it is an MCP server.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FunctionLanguage>))]
public enum FunctionLanguage
{
    /// <summary>Python 3 (<c>.py</c>).</summary>
    Python,

    /// <summary>JavaScript on Node 22 (<c>.js</c>, <c>.mjs</c>, <c>.cjs</c>).</summary>
    JavaScript,

    /// <summary>TypeScript on Node 22 (<c>.ts</c>, <c>.mts</c>).</summary>
    TypeScript,

    /// <summary>bash (<c>.sh</c>).</summary>
    Shell,

    /// <summary>A C# script (<c>.csx</c>).</summary>
    CSharp,

    /// <summary>An MCP server that speaks stdio inside the sandbox.</summary>
    Mcp,

    /// <summary>Somebody's HTTP API, called by the gateway: nothing of it runs in a sandbox.</summary>
    Api,

    /// <summary>No function: a sandbox that callers drive.</summary>
    Sandbox,
}
