using System.Globalization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>What a publish expects of the stream.</summary>
internal readonly record struct NatsJSPubOpts
{
    /// <summary>The message is stored once per id within the stream's window.</summary>
    public string? MsgId { get; init; }

    /// <summary>Refused unless the subject's last sequence is this; 0 expects none.</summary>
    public ulong? ExpectedLastSubjectSequence { get; init; }

    /// <summary>When it is sent.</summary>
    public NatsFlush Flush { get; init; }

    /// <summary>Whether the publisher goes on on the thread that reads the connection, see <see cref="NatsRequestOpts.AnswersInline"/>.</summary>
    public bool AnswersInline { get; init; }

    /// <summary>The headers that say so, on top of <paramref name="headers"/>.</summary>
    public NatsHeaders AddTo(NatsHeaders headers)
    {
        if (MsgId is not null)
        {
            headers = headers.With("Nats-Msg-Id", MsgId);
        }

        return ExpectedLastSubjectSequence is { } expected
            ? headers.With("Nats-Expected-Last-Subject-Sequence", expected.ToString(CultureInfo.InvariantCulture))
            : headers;
    }
}
