namespace ToolRuntime.Bus.Nats;

/// <summary>Asks that go on while the server is away.</summary>
internal static class NatsRetry
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until there is an answer or the token ends. For what may be asked twice.</summary>
    public static async ValueTask<T> UntilAnsweredAsync<T>(Func<ValueTask<T>> ask, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (NatsException error) when (error is NatsNoRespondersException or NatsTimeoutException or NatsConnectionFailedException)
            {
                await Task.Delay(s_retryAfter, time, cancellationToken);
            }
        }
    }
}
