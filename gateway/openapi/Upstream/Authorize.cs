using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>Adds credentials to a request that goes to one of the source's own hosts.</summary>
/// <param name="request">The request without them.</param>
/// <param name="isSecondTry">Whether the upstream has refused the last ones (401): get new ones. Where there are no newer ones the request is returned as it is.</param>
/// <param name="cancellationToken">Ends the attempt.</param>
public delegate ValueTask<ApiRequest> Authorize(ApiRequest request, bool isSecondTry, CancellationToken cancellationToken);
