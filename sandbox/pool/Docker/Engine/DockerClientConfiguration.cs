namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>Where an engine is.</summary>
/// <param name="Socket">Path of its Unix socket.</param>
internal sealed record DockerClientConfiguration(string Socket)
{
    /// <summary>Most time for one answer; attaching and waiting have none.</summary>
    public TimeSpan DefaultTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A client of it.</summary>
    public DockerClient CreateClient() => new(this);
}
