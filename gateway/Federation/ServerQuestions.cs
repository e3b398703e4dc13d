using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>What a server of 2026-07-28 wants to know before it goes on: an <c>input_required</c> result, and the client's answers as they come.</summary>
internal sealed class ServerQuestions
{
    private readonly ReadOnlyMemory<byte> _requests;
    private readonly ReadOnlyMemory<byte> _state;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _answers = new(StringComparer.Ordinal);

    /// <summary>Takes the result.</summary>
    public ServerQuestions(ReadOnlyMemory<byte> result)
    {
        _requests = RawJson.Member(result, "inputRequests"u8);
        _state = RawJson.Member(result, "requestState"u8);
        Ids = [.. RawJson.Members(_requests).Select(r => r.Key)];
    }

    /// <summary>Names of the questions.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>Whether an answer is a refusal: this era has no form for it.</summary>
    public bool IsRefused => _answers.Values.Any(a => !RawJson.Member(a, "error"u8).IsEmpty);

    /// <summary>Whether <paramref name="result"/> asks.</summary>
    public static bool Asks(ReadOnlyMemory<byte> result) => RawJson.Text(RawJson.Member(result, "resultType"u8)) == "input_required";

    /// <summary>Keeps an answer; true with the last one.</summary>
    public bool Answer(string id, ReadOnlyMemory<byte> answer)
    {
        _answers[id] = answer.ToArray();
        return _answers.Count == Ids.Count;
    }

    /// <summary>The event's data, <c>{"requests": …}</c>.</summary>
    public byte[] Write()
    {
        using var buffer = new ReplyBuffer();
        return buffer.Raw("{\"requests\":"u8).Raw(_requests.IsEmpty ? "{}"u8 : _requests.Span).Raw("}"u8).Written.ToArray();
    }

    /// <summary>The request's parameters with the answers, to send it again.</summary>
    public byte[] Retry(ReadOnlyMemory<byte> parameters)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"inputResponses\":{"u8);
        foreach (var (id, answer) in _answers)
        {
            buffer.Raw(buffer.Written.Span[^1] == (byte)'{' ? ""u8 : ","u8).Text(id).Raw(":"u8).Raw(answer.Span);
        }

        buffer.Raw("}"u8);
        if (!_state.IsEmpty)
        {
            buffer.Raw(",\"requestState\":"u8).Raw(_state.Span);
        }

        foreach (var (name, value) in RawJson.Members(parameters))
        {
            if (name is not ("inputResponses" or "requestState"))
            {
                buffer.Raw(","u8).Text(name).Raw(":"u8).Raw(value.Span);
            }
        }

        return buffer.Raw("}"u8).Written.ToArray();
    }
}
