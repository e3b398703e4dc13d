using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;
namespace ToolRuntime.Runtime.Live;
internal sealed record RestoreRequest(string Tenant, FunctionLimits Limits);
internal static class NotYet
{
    public static Task CheckpointAsync(this ISandboxLease lease, string folder, CancellationToken token) => throw new FunctionFaultException(FaultCode.NotSupported, "not yet");
    public static Task<ISandboxLease> RestoreAsync(this WarmPools pools, string folder, RestoreRequest request, CancellationToken token) => throw new FunctionFaultException(FaultCode.NotSupported, "not yet");
    public static Task ArchiveFilesAsync(this ISandboxLease lease, string folder, CancellationToken token) => throw new FunctionFaultException(FaultCode.NotSupported, "not yet");
    public static Task RestoreFilesAsync(this ISandboxLease lease, string folder, CancellationToken token) => throw new FunctionFaultException(FaultCode.NotSupported, "not yet");
}
