namespace ToolRuntime.OpenApi.Responses;

/// <summary>What an answer's body is to a model.</summary>
internal enum ContentKind
{
    /// <summary>JSON.</summary>
    Json,

    /// <summary>Items that come one after the other.</summary>
    Stream,

    /// <summary>Characters.</summary>
    Text,

    /// <summary>A picture.</summary>
    Image,

    /// <summary>Sound.</summary>
    Audio,

    /// <summary>Bytes of any other kind.</summary>
    Bytes,

    /// <summary>The server does not say: what the bytes look like decides.</summary>
    Unknown,
}
