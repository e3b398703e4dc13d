using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Bodies;

/// <summary>Reads bodies whole, within bounds and a deadline.</summary>
public static class WholeBody
{
    private const int FirstGuess = 4 * 1024;

    /// <summary>The body's bytes.</summary>
    /// <param name="content">The body.</param>
    /// <param name="host">Who sends it, for faults.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="deadline">Ends with the time that the upstream has; every cancellation by it is a fault.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <exception cref="ApiFaultException">It is too large, cut off, damaged or too slow.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, string host, BodyLimits limits, CancellationToken deadline, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await BodyStream.OpenAsync(content, host, limits, deadline);
            using var whole = new MemoryStream((int)Math.Clamp(content.Headers.ContentLength ?? FirstGuess, 0, 256 * 1024));
            await body.CopyToAsync(whole, deadline);
            return whole.GetBuffer().AsMemory(0, (int)whole.Length);
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested && TransportFaults.Of(failed, host, deadline.IsCancellationRequested) is { } fault)
        {
            throw new ApiFaultException(fault, failed);
        }
    }
}
