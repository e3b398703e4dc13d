namespace ToolRuntime.Gateway.Federation;

/// <summary>What an MCP server says that belongs to no request: a list changed, a resource was updated, a line for the log.</summary>
/// <param name="Method">The notification's method.</param>
/// <param name="Parameters">Its raw parameters, or empty.</param>
public readonly record struct ServerNote(string Method, ReadOnlyMemory<byte> Parameters)
{
    /// <summary>The tools are others than before.</summary>
    public const string ToolsChanged = "notifications/tools/list_changed";

    /// <summary>The prompts are others than before.</summary>
    public const string PromptsChanged = "notifications/prompts/list_changed";

    /// <summary>The resources are others than before.</summary>
    public const string ResourcesChanged = "notifications/resources/list_changed";

    /// <summary>A resource's content is another than before.</summary>
    public const string ResourceUpdated = "notifications/resources/updated";

    /// <summary>Of the gateway's own: the subscription to a server's lists ended, so that changes are no longer heard of.</summary>
    public const string ListsUnheard = "toolruntime/lists_unheard";

    /// <summary>A line for the log.</summary>
    public const string Message = "notifications/message";

    /// <summary>Whether notifications of <paramref name="method"/> mean something to a client when no request is under way: of those that end or number a request, none.</summary>
    public static bool IsOfSession(string method) =>
        method.StartsWith("notifications/", StringComparison.Ordinal) && method is not ("notifications/progress" or "notifications/cancelled");

    /// <summary>Whether notifications of <paramref name="method"/> never belong to a request.</summary>
    public static bool IsOfServer(string method) => method is ToolsChanged or PromptsChanged or ResourcesChanged or ResourceUpdated;
}
