using System.Collections.Concurrent;

namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Tokens by what they were asked for with. However many need one at a time, it is asked for once.</summary>
internal sealed class TokenCache(TokenOptions options, TokenClient client, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Task<AccessToken>> _tokens = new(StringComparer.Ordinal);

    /// <summary>A token that can be used.</summary>
    /// <param name="request">What it is for.</param>
    /// <param name="refused">A token that the API has refused: another one is got; null for any.</param>
    /// <param name="cancellationToken">Ends this caller's wait; others go on.</param>
    public async Task<AccessToken> GetAsync(TokenRequest request, string? refused, CancellationToken cancellationToken)
    {
        var key = request.Key;
        while (true)
        {
            var present = _tokens.GetValueOrDefault(key);
            if (present is not null && !IsSpent(present, refused))
            {
                return await present.WaitAsync(cancellationToken);
            }

            var source = new TaskCompletionSource<AccessToken>(TaskCreationOptions.RunContinuationsAsynchronously);
            var won = present is null ? _tokens.TryAdd(key, source.Task) : _tokens.TryUpdate(key, source.Task, present);
            if (won)
            {
                _ = FillAsync(request, key, source);
                return await source.Task.WaitAsync(cancellationToken);
            }
        }
    }

    private bool IsSpent(Task<AccessToken> token, string? refused) => token.IsCompleted
        && (!token.IsCompletedSuccessfully || token.Result.UsedUntil <= time.GetUtcNow() || token.Result.Value == refused);

    /// <summary>Runs by itself, so that a caller who leaves takes nothing from those who wait; its time is the client's own bound.</summary>
    private async Task FillAsync(TokenRequest request, string key, TaskCompletionSource<AccessToken> source)
    {
        try
        {
            source.SetResult(await client.AskAsync(request, CancellationToken.None));
            Trim();
        }
        catch (Exception failed)
        {
            // Whatever it was, those who wait must hear it; nobody waiting is no reason to keep it.
            _tokens.TryRemove(new KeyValuePair<string, Task<AccessToken>>(key, source.Task));
            source.SetException(failed);
            _ = source.Task.Exception;
        }
    }

    private void Trim()
    {
        if (_tokens.Count <= options.MaxTokens)
        {
            return;
        }

        foreach (var oldest in _tokens.Where(t => t.Value.IsCompletedSuccessfully).OrderBy(t => t.Value.Result.UsedUntil).Take(_tokens.Count - options.MaxTokens).ToList())
        {
            _tokens.TryRemove(oldest);
        }
    }
}
