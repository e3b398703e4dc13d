using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Admin;

/// <summary>
/// Refuses a deployment that the disk of the instance's folder has no room for, before a byte of it is stored: the message server stands on
/// the same disk, and one that cannot write takes no calls either.
/// </summary>
/// <param name="folder">The instance's folder.</param>
public sealed class DeployRoom(string folder)
{
    private const long Reserve = 64L << 20;

    // The stored package, the build's copy of it, its files, the layer and the stored layer.
    private const int Copies = 5;

    /// <summary>Bytes that must be free for a package of <paramref name="length"/> bytes. Pure.</summary>
    public static long Needed(long length) => Reserve + (Copies * length);

    /// <summary>Returns where there is room for a package of <paramref name="length"/> bytes, 0 where that is not known.</summary>
    /// <exception cref="FunctionFaultException">DeployRefused: there is none.</exception>
    public void Require(long length)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < Needed(length))
        {
            throw new FunctionFaultException(
                FaultCode.DeployRefused,
                $"the disk is full: {folder} has {free >> 20} MiB left, and this deployment needs {Needed(length) >> 20} MiB; the version that served before still serves",
                "free space on that disk, or start the instance on another with --data, then deploy again");
        }
    }
}
