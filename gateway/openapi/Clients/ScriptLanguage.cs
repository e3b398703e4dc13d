namespace ToolRuntime.OpenApi.Clients;

/// <summary>What a script is written in.</summary>
public enum ScriptLanguage
{
    /// <summary>Python.</summary>
    Python,

    /// <summary>JavaScript or TypeScript.</summary>
    JavaScript,
}
