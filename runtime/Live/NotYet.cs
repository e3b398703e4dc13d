using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;
namespace ToolRuntime.Runtime.Live;
internal static class NotYet
{
    public static Task ArchiveFilesAsync(this ISandboxLease lease, string folder, CancellationToken token) => throw new FunctionFaultException(FaultCode.NotSupported, "not yet");
    public static Task RestoreFilesAsync(this ISandboxLease lease, string folder, CancellationToken token) => throw new FunctionFaultException(FaultCode.NotSupported, "not yet");
}
