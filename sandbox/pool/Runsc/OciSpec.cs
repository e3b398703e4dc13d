namespace ToolRuntime.Sandbox.Runsc;

/// <summary>The part of an OCI runtime specification 1.0.2 configuration that we use.</summary>
internal sealed record OciSpec(string OciVersion, OciProcess Process, OciRoot Root, string Hostname, IReadOnlyList<OciMount> Mounts, OciLinux Linux)
{
    /// <summary>What the specification leaves to the runtime; null for nothing.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
