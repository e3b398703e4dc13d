using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace ToolRuntime.Bus.Nats;

/// <summary>Requests that wait for their answer, all on one inbox <c>_INBOX.{random}.*</c>; the last token is the request's number.</summary>
internal sealed class NatsRequests(TimeProvider time)
{
    /// <summary>Status of a reply that says only that the answer is being made.</summary>
    public const int Processing = 102;

    private readonly ConcurrentDictionary<long, NatsRequest> _open = new();
    private long _last;

    /// <summary>The inbox without its last token, with the dot.</summary>
    public string Prefix { get; } = $"_INBOX.{RandomNumberGenerator.GetHexString(22, lowercase: true)}.";

    /// <summary>Opens a request that ends at the latest after <paramref name="timeout"/>.</summary>
    public NatsRequest Open(string subject, TimeSpan timeout, bool answersInline)
    {
        var number = Interlocked.Increment(ref _last);
        var patience = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)(timeout.TotalSeconds * time.TimestampFrequency);
        var request = new NatsRequest(this, number, subject, (time.GetTimestamp(), patience), answersInline);
        _open[number] = request;
        return request;
    }

    /// <summary>Hands an answer over; one that comes too late is dropped, and a sign of life begins its time again.</summary>
    public void OnReply(ReadOnlySpan<byte> subject, NatsMsg message)
    {
        if (subject.Length > Prefix.Length
            && Utf8Parser.TryParse(subject[Prefix.Length..], out long number, out _)
            && _open.TryGetValue(number, out var request))
        {
            if (message.Headers.Code == Processing)
            {
                request.Prolong(time.GetTimestamp());
            }
            else if (TryAbandon(request))
            {
                request.Complete(message);
            }
        }
    }

    /// <summary>Ends those whose time is over.</summary>
    public void Sweep()
    {
        var now = time.GetTimestamp();
        foreach (var (number, request) in _open)
        {
            if (request.Deadline <= now && _open.TryRemove(number, out _))
            {
                request.Fail(new NatsTimeoutException(request.Subject));
            }
        }
    }

    /// <summary>Ends all: the connection they were sent on is gone.</summary>
    public void FailAll(Exception reason)
    {
        foreach (var number in _open.Keys)
        {
            if (_open.TryRemove(number, out var request))
            {
                request.Fail(new NatsConnectionFailedException($"the connection was lost before {request.Subject} was answered", reason));
            }
        }
    }

    /// <summary>Ends one from outside; false when it has ended already.</summary>
    public bool TryAbandon(NatsRequest request) => _open.TryRemove(request.Number, out _);
}
