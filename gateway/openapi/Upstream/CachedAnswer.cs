using System.Net;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>An answer that is kept.</summary>
/// <param name="Key">Caller and URL.</param>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers, the body's among them.</param>
/// <param name="Body">Its body as it came, compression included.</param>
/// <param name="Vary">What the request said in the headers that the answer varies by.</param>
/// <param name="Rule">How long it is fresh and by what it can be checked.</param>
/// <param name="StoredAt">When it came.</param>
internal sealed record CachedAnswer(
    string Key, HttpStatusCode Status, IReadOnlyList<KeyValuePair<string, string[]>> Headers, byte[] Body, IReadOnlyList<KeyValuePair<string, string>> Vary, FreshnessRule Rule, DateTimeOffset StoredAt)
{
    /// <summary>What it costs to keep.</summary>
    public long Size => Body.Length + Key.Length + Headers.Sum(h => h.Key.Length + h.Value.Sum(v => v.Length)) + 256;

    /// <summary>Its age by our clock.</summary>
    public TimeSpan Age(DateTimeOffset now) => now - StoredAt + Rule.AgeAtStart;

    /// <summary>The answer as a message.</summary>
    public HttpResponseMessage ToMessage(HttpRequestMessage request, DateTimeOffset now)
    {
        var message = new HttpResponseMessage(Status) { Content = new ByteArrayContent(Body), RequestMessage = request };
        foreach (var (name, values) in Headers.Where(h => !h.Key.Equals("Age", StringComparison.OrdinalIgnoreCase)))
        {
            if (!message.Headers.TryAddWithoutValidation(name, values))
            {
                message.Content.Headers.TryAddWithoutValidation(name, values);
            }
        }

        message.Headers.Age = TimeSpan.FromSeconds(Math.Max(0, Math.Floor(Age(now).TotalSeconds)));
        return message;
    }
}
