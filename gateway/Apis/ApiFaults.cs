using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.Gateway.Apis;

/// <summary>What failures of API calls are among the faults of the product.</summary>
internal static class ApiFaults
{
    public static FunctionFaultException Of(string source, ApiFaultException failed)
    {
        var fault = failed.Fault;
        var code = fault.Code switch
        {
            ApiFaultCode.InvalidArgument => FaultCode.InvalidArguments,
            ApiFaultCode.AddressRefused => FaultCode.Denied,
            ApiFaultCode.TimedOut => FaultCode.DeadlineExceeded,
            ApiFaultCode.TooLarge => FaultCode.OutputTooLarge,
            ApiFaultCode.Busy => FaultCode.QuotaExceeded,
            _ => FaultCode.UpstreamFailed,
        };
        return new FunctionFaultException(new FunctionFault(code, $"{source}: {fault.Message}", fault.Hint), failed);
    }
}
