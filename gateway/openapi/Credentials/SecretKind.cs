namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Where a secret is kept.</summary>
public enum SecretKind
{
    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>A file.</summary>
    File,

    /// <summary>The instance's own store.</summary>
    Store,
}
