namespace ToolRuntime.Gateway.Catalog;

/// <summary>What a client's protocol revision can take of a tool.</summary>
public enum ToolShape
{
    /// <summary>Everything (2026-07-28): any output schema, any structured value.</summary>
    Full,

    /// <summary>Output schema and structured content must be objects (2025-06-18, 2025-11-25): other values travel as <c>{"result": value}</c>.</summary>
    ObjectOutput,

    /// <summary>No output schema, no structured content (2024-11-05, 2025-03-26).</summary>
    NoOutput,
}
