using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>What was measured when a template was made, kept beside it.</summary>
/// <param name="BootMillis">From the start of gVisor to the worker's READY, the better of two.</param>
/// <param name="RestoreMillis">From the start of gVisor to the restored agent's answer, the better of two.</param>
internal sealed record TemplateChoice(double BootMillis, double RestoreMillis)
{
    // A boot has no state that could be stale and no disk to read: a snapshot must be clearly better.
    private const double ClearlyBetter = 0.85;

    /// <summary>Whether sandboxes start from the snapshot.</summary>
    [JsonIgnore]
    public bool Restores => RestoreMillis < BootMillis * ClearlyBetter;
}
