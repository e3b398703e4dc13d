namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>The engine itself.</summary>
internal sealed class SystemOperations(DockerClient client)
{
    /// <summary>What it is and has.</summary>
    public Task<SystemInfoResponse> GetSystemInfoAsync(CancellationToken cancellationToken) =>
        client.AskAsync(HttpMethod.Get, "info", null, DockerJson.Default.SystemInfoResponse, cancellationToken);
}
