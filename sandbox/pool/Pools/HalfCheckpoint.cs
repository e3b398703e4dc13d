using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>A checkpoint whose memory is written but that has no name yet.</summary>
/// <param name="Work">Where it is.</param>
/// <param name="Folder">Where it will be.</param>
/// <param name="Checkpoint">What it says of itself, without its files.</param>
internal sealed record HalfCheckpoint(string Work, string Folder, SandboxCheckpoint Checkpoint)
{
    /// <summary>Brings it to the disk and names it. Blocks.</summary>
    /// <exception cref="FunctionFaultException">SandboxLost: the disk did not take it.</exception>
    public SandboxCheckpoint Publish()
    {
        try
        {
            var files = CheckpointFolder.Seal(Work);
            var whole = Checkpoint with { Files = files, Bytes = files.Sum(file => file.Length) };
            CheckpointFolder.Publish(Work, Folder, whole);
            return whole;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Mounts.DeleteFolder(Work);
            throw new FunctionFaultException(
                new FunctionFault(FaultCode.SandboxLost, $"a suspended sandbox could not be kept: {error.Message}", "is the disk full?"), error);
        }
    }
}
