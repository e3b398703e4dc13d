using System.Net;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>What HTTP says about keeping an answer (RFC 9111), for a private cache. No freshness is guessed. Pure.</summary>
/// <param name="FreshFor">How long it may be used unasked.</param>
/// <param name="AgeAtStart">How old it was when it came.</param>
/// <param name="ETag">By what to ask whether it has changed, or null.</param>
/// <param name="LastModified">Likewise, or null.</param>
internal sealed record FreshnessRule(TimeSpan FreshFor, TimeSpan AgeAtStart, string? ETag, string? LastModified)
{
    /// <summary>The rule of an answer, or null where it must not, or need not, be kept.</summary>
    public static FreshnessRule? Of(HttpResponseMessage answer, DateTimeOffset now)
    {
        var control = answer.Headers.CacheControl;
        if (answer.StatusCode != HttpStatusCode.OK || control?.NoStore == true || answer.Headers.Vary.Contains("*"))
        {
            return null;
        }

        var fresh = control?.NoCache == true ? TimeSpan.Zero
            : control?.MaxAge
            ?? (answer.Content.Headers.Expires - (answer.Headers.Date ?? now))
            ?? TimeSpan.Zero;
        var etag = answer.Headers.NonValidated.TryGetValues("ETag", out var tag) && tag.ToString() is { Length: > 0 } t ? t : null;
        var modified = answer.Content.Headers.NonValidated.TryGetValues("Last-Modified", out var date) && date.ToString() is { Length: > 0 } d ? d : null;
        return fresh > TimeSpan.Zero || etag is not null || modified is not null
            ? new FreshnessRule(fresh, answer.Headers.Age ?? TimeSpan.Zero, etag, modified)
            : null;
    }
}
