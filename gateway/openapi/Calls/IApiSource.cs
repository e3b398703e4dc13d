using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.OpenApi.Calls;

/// <summary>An API that can be called.</summary>
public interface IApiSource
{
    /// <summary>Calls a tool.</summary>
    /// <exception cref="ApiFaultException">There is no answer: an argument, the configuration, the upstream. An answer that is an error is a result.</exception>
    Task<ApiResult> CallAsync(ApiCall call, CancellationToken cancellationToken);
}
