namespace ToolRuntime.Sandbox.Docker;

/// <summary>Section <c>toolruntime.docker</c> of host.json: images of a Docker Engine beside those of recipes.</summary>
public sealed record DockerOptions
{
    /// <summary>The engine's Unix socket.</summary>
    public string Socket { get; init; } = "/var/run/docker.sock";

    /// <summary>The engine's runtime that containers run with: <c>runsc</c>, a Kata one, or <c>runc</c> where <see cref="AllowsRunc"/>.</summary>
    public string Runtime { get; init; } = "runsc";

    /// <summary>Whether containers may share the host's kernel, which is no wall against what runs in them.</summary>
    public bool AllowsRunc { get; init; }
}
