using System.Globalization;

using Microsoft.AspNetCore.Http;

namespace ToolRuntime.E2b.Envd;

/// <summary>Says that a stream lives while it has nothing else to say, at the interval that its client asked for (90 s).</summary>
internal sealed class KeepAlives : IDisposable
{
    private const int DefaultSeconds = 90;
    private readonly PeriodicTimer _timer;
    private readonly Func<Task> _send;
    private readonly CancellationToken _cancellationToken;
    private Task _tick;

    /// <summary>Calls <paramref name="send"/> at the interval of <paramref name="context"/>, from within <see cref="NextAsync"/> only.</summary>
    public KeepAlives(HttpContext context, Func<Task> send, CancellationToken cancellationToken)
    {
        _timer = new PeriodicTimer(TimeSpan.FromSeconds(
            int.TryParse(context.Request.Headers["Keepalive-Ping-Interval"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : DefaultSeconds));
        (_send, _cancellationToken) = (send, cancellationToken);
        _tick = TickAsync();
    }

    /// <summary>What <paramref name="next"/> gives.</summary>
    public ValueTask<T> NextAsync<T>(ValueTask<T> next) => next.IsCompleted ? next : WaitAsync(next.AsTask());

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private async ValueTask<T> WaitAsync<T>(Task<T> next)
    {
        while (await Task.WhenAny(next, _tick) != next && !_cancellationToken.IsCancellationRequested)
        {
            await _send();
            _tick = TickAsync();
        }

        return await next;
    }

    private Task TickAsync() => _timer.WaitForNextTickAsync(_cancellationToken).AsTask();
}
