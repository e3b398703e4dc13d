using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>Answers of one source, kept by HTTP's own rules, each for its caller alone, within a bound of bytes; the longest unused go first.</summary>
internal sealed class HttpCache(UpstreamOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<CachedAnswer>> _answers = new(StringComparer.Ordinal);
    private readonly LinkedList<CachedAnswer> _byUse = new();
    private long _bytes;

    /// <summary>Whether a request may be answered from here.</summary>
    public bool Serves(ApiRequest request) => options.MaxCacheBytes > 0 && request.Method == "GET" && request.Body is null
        && !request.Headers.Any(h => h.Key.Equals("Range", StringComparison.OrdinalIgnoreCase) || h.Key.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase)
            || h.Key.StartsWith("If-", StringComparison.OrdinalIgnoreCase));

    /// <summary>What is kept for a request, fresh or not; null where nothing is.</summary>
    public CachedAnswer? Find(string caller, ApiRequest request)
    {
        lock (_lock)
        {
            if (!_answers.TryGetValue(Key(caller, request.Url), out var node) || !node.Value.Vary.All(v => Said(request, v.Key) == v.Value))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value;
        }
    }

    /// <summary>Whether an answer may be used without asking.</summary>
    public bool IsFresh(CachedAnswer answer) => answer.Age(time.GetUtcNow()) < answer.Rule.FreshFor;

    /// <summary>The request that asks whether an answer has changed.</summary>
    public static ApiRequest Conditional(ApiRequest request, CachedAnswer answer) => answer.Rule switch
    {
        { ETag: { } tag } => request.WithHeader("If-None-Match", tag),
        { LastModified: { } date } => request.WithHeader("If-Modified-Since", date),
        _ => request,
    };

    /// <summary>Takes over a new freshness of an answer that has not changed.</summary>
    public CachedAnswer Renew(CachedAnswer answer, HttpResponseMessage notModified)
    {
        notModified.StatusCode = System.Net.HttpStatusCode.OK;
        var rule = FreshnessRule.Of(notModified, time.GetUtcNow());
        var renewed = answer with
        {
            StoredAt = time.GetUtcNow(),
            Rule = rule is null ? answer.Rule : rule with { ETag = rule.ETag ?? answer.Rule.ETag, LastModified = rule.LastModified ?? answer.Rule.LastModified },
        };
        Keep(renewed);
        return renewed;
    }

    /// <summary>Makes the body of an answer that may be kept keep itself while it is read.</summary>
    public void Watch(string caller, ApiRequest request, HttpResponseMessage answer)
    {
        var rule = Serves(request) ? FreshnessRule.Of(answer, time.GetUtcNow()) : null;
        if (rule is null || answer.Content.Headers.ContentLength > options.MaxCachedBody)
        {
            return;
        }

        var headers = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
            .Select(h => new KeyValuePair<string, string[]>(h.Key, [.. h.Value])).ToList();
        var vary = answer.Headers.Vary.Select(v => new KeyValuePair<string, string>(v, Said(request, v))).ToList();
        answer.Content = new KeptContent(answer.Content, options.MaxCachedBody, body =>
            Keep(new CachedAnswer(Key(caller, request.Url), answer.StatusCode, headers, body, vary, rule, time.GetUtcNow())));
    }

    /// <summary>Forgets what a request has probably changed (RFC 9111, 4.4).</summary>
    public void Invalidate(string caller, ApiRequest request)
    {
        if (request.Method is not ("GET" or "HEAD" or "OPTIONS" or "QUERY" or "TRACE"))
        {
            lock (_lock)
            {
                Remove(Key(caller, request.Url));
            }
        }
    }

    private void Keep(CachedAnswer answer)
    {
        if (answer.Size > options.MaxCacheBytes)
        {
            return;
        }

        lock (_lock)
        {
            Remove(answer.Key);
            _answers[answer.Key] = _byUse.AddFirst(answer);
            _bytes += answer.Size;
            while (_bytes > options.MaxCacheBytes && _byUse.Last is { } oldest)
            {
                Remove(oldest.Value.Key);
            }
        }
    }

    private void Remove(string key)
    {
        if (_answers.Remove(key, out var node))
        {
            _byUse.Remove(node);
            _bytes -= node.Value.Size;
        }
    }

    private static string Key(string caller, string url) => $"{caller}\n{url}";

    private static string Said(ApiRequest request, string header) =>
        string.Join(',', request.Headers.Where(h => h.Key.Equals(header, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value));
}
