namespace ToolRuntime.Bus.Streams;

/// <summary>What became of a stream that was to be made.</summary>
public enum CreateOutcome
{
    /// <summary>It is made.</summary>
    Created,

    /// <summary>It stood already, as asked.</summary>
    Exists,

    /// <summary>Another stands under the name.</summary>
    Conflict,

    /// <summary>A deleted one stands under the name, because it has forks.</summary>
    HasForks,

    /// <summary>The source of the fork is gone.</summary>
    NoSource,

    /// <summary>The tenant has as many as it may.</summary>
    TooMany,
}
