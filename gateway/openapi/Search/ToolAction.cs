namespace ToolRuntime.OpenApi.Search;

/// <summary>What is done to a thing: what a tool does, and what a question wants done.</summary>
public enum ToolAction
{
    /// <summary>Something else that changes something, such as merging or cancelling.</summary>
    Other,

    /// <summary>It is looked at.</summary>
    Read,

    /// <summary>A new one is made.</summary>
    Create,

    /// <summary>It is changed.</summary>
    Update,

    /// <summary>It is removed.</summary>
    Delete,
}
