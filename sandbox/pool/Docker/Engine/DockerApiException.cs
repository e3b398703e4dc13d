namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>The engine refused, or cannot be reached.</summary>
internal sealed class DockerApiException(int statusCode, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>HTTP status, or 0 where there was no answer.</summary>
    public int StatusCode => statusCode;
}
