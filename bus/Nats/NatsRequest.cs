using System.Threading.Tasks.Sources;

namespace ToolRuntime.Bus.Nats;

/// <summary>One request; awaited once.</summary>
internal sealed class NatsRequest : IValueTaskSource<NatsMsg>
{
    private readonly NatsRequests _owner;
    private ManualResetValueTaskSourceCore<NatsMsg> _core;
    private CancellationTokenRegistration _registration;

    private readonly long _patience;
    private long _deadline;

    public NatsRequest(NatsRequests owner, long number, string subject, (long Now, long Patience) time, bool answersInline)
    {
        _core.RunContinuationsAsynchronously = !answersInline;
        _owner = owner;
        Number = number;
        Subject = subject;
        _patience = time.Patience;
        Prolong(time.Now);
        ReplyTo = string.Concat(owner.Prefix, number.ToString());
    }

    /// <summary>Its number on the inbox.</summary>
    public long Number { get; }

    /// <summary>What was asked, for messages.</summary>
    public string Subject { get; }

    /// <summary>Timestamp at which it ends.</summary>
    public long Deadline => Volatile.Read(ref _deadline);

    /// <summary>Where the answer comes.</summary>
    public string ReplyTo { get; }

    /// <summary>Its time begins again: whoever has it is at work.</summary>
    public void Prolong(long now) => Volatile.Write(ref _deadline, _patience == long.MaxValue ? long.MaxValue : now + _patience);

    /// <summary>The answer.</summary>
    public ValueTask<NatsMsg> AnswerAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    var request = (NatsRequest)state!;
                    if (request._owner.TryAbandon(request))
                    {
                        request.Fail(new OperationCanceledException(token));
                    }
                },
                this);
        }

        return new ValueTask<NatsMsg>(this, _core.Version);
    }

    /// <summary>Only for who took it out of the open ones.</summary>
    public void Complete(NatsMsg message) => _core.SetResult(message);

    /// <summary>Only for who took it out of the open ones.</summary>
    public void Fail(Exception error) => _core.SetException(error);

    NatsMsg IValueTaskSource<NatsMsg>.GetResult(short token)
    {
        _registration.Unregister();
        var message = _core.GetResult(token);
        return message.HasNoResponders ? throw new NatsNoRespondersException(Subject) : message;
    }

    ValueTaskSourceStatus IValueTaskSource<NatsMsg>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<NatsMsg>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
