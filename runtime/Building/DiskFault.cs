using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building;

/// <summary>Tells a full disk from other failures.</summary>
internal static class DiskFault
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const long Reserve = 64L << 20;

    /// <summary>Refuses to build in a folder whose disk is all but full: what else writes there needs the rest.</summary>
    /// <exception cref="FunctionFaultException">DeployRefused.</exception>
    public static void RequireRoom(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < Reserve)
        {
            throw BuildFailure.Refused(
                $"the disk of the runtime is full: {folder} has {free >> 20} MiB left, and a build needs {Reserve >> 20} MiB; the version that served before still serves",
                "free space on that disk, then deploy again");
        }
    }

    /// <summary>The fault of a full disk, or null.</summary>
    public static FunctionFault? Of(Exception error) => error is IOException && (error.HResult & 0xFFFF) is NoSpace or QuotaExceeded
        ? new FunctionFault(
            FaultCode.DeployRefused,
            "the disk of the runtime is full; the version that served before still serves",
            "free space in the build folder and the cache folder, then deploy again")
        : null;
}
