using System.Text;

using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>Questions of a function to its client: <c>{"requests":{id: {"method","params"}}}</c>.</summary>
public static class InputRequests
{
    /// <summary>Ids of the questions and their methods.</summary>
    public static Dictionary<string, string> Asked(ReadOnlyMemory<byte> data) =>
        RawJson.Members(RawJson.Member(data, "requests"u8)).ToDictionary(
            m => m.Key,
            m => RawJson.Text(RawJson.Member(m.Value, "method"u8)) ?? "",
            StringComparer.Ordinal);

    /// <summary>The client capability that a method needs, or null when none is known for it.</summary>
    public static string? Capability(string method) => method switch
    {
        "elicitation/create" => "elicitation",
        "sampling/createMessage" => "sampling",
        "roots/list" => "roots",
        _ => null,
    };

    /// <summary>Whether <paramref name="response"/> has the form that answers <paramref name="method"/>.</summary>
    public static bool IsAnswer(string method, ReadOnlyMemory<byte> response) => RawJson.IsObject(response) && method switch
    {
        "elicitation/create" => RawJson.Text(RawJson.Member(response, "action"u8)) is "accept" or "decline" or "cancel",
        "sampling/createMessage" => !RawJson.Member(response, "content"u8).IsEmpty && RawJson.Text(RawJson.Member(response, "role"u8)) is not null,
        "roots/list" => RawJson.Member(response, "roots"u8) is { IsEmpty: false } roots && roots.Span[0] == (byte)'[',
        _ => true,
    };

    /// <summary><c>{"responses":{…}}</c> of the answers to what was asked, or null when one is missing or has the wrong form. What was not asked is passed over.</summary>
    public static byte[]? Answers(IReadOnlyDictionary<string, string> asked, ReadOnlyMemory<byte> responses)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"responses\":{"u8);
        var first = true;
        foreach (var (id, method) in asked)
        {
            var response = RawJson.Member(responses, Encoding.UTF8.GetBytes(id));
            if (!IsAnswer(method, response))
            {
                return null;
            }

            buffer.Raw(first ? ""u8 : ","u8).Text(id).Raw(":"u8).Raw(response.Span);
            first = false;
        }

        return buffer.Raw("}}"u8).Written.ToArray();
    }

    /// <summary>Writes those of the event's questions that are in <paramref name="asked"/>, as they came.</summary>
    public static void Write(ReplyBuffer buffer, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> asked)
    {
        buffer.Raw("{"u8);
        var first = true;
        foreach (var (id, request) in RawJson.Members(RawJson.Member(data, "requests"u8)))
        {
            if (asked.ContainsKey(id))
            {
                buffer.Raw(first ? ""u8 : ","u8).Text(id).Raw(":"u8).Raw(request.Span);
                first = false;
            }
        }

        buffer.Raw("}"u8);
    }

    /// <summary>The answer to a question that the client cannot be asked.</summary>
    public static byte[] Refused(string id, string method) => Answer(id, method == "elicitation/create"
        ? "{\"action\":\"cancel\"}"u8
        : "{\"error\":{\"code\":-32601,\"message\":\"the client did not declare this capability\"}}"u8);

    /// <summary><c>{"responses":{id: answer}}</c>.</summary>
    public static byte[] Answer(string id, ReadOnlySpan<byte> answer)
    {
        using var buffer = new ReplyBuffer();
        return buffer.Raw("{\"responses\":{"u8).Text(id).Raw(":"u8).Raw(answer).Raw("}}"u8).Written.ToArray();
    }

    /// <summary>The error for a client that can be asked nothing of what a tool needs (2026-07-28).</summary>
    public static JsonRpcException Missing(string tool, IEnumerable<string> methods, ReadOnlyMemory<byte> id)
    {
        var capabilities = methods.Select(Capability).Distinct(StringComparer.Ordinal).ToList();
        var required = string.Join(",", capabilities.Select(c => $"\"{c}\":{{}}"));
        return new JsonRpcException(
            JsonRpcCodes.MissingClientCapability,
            $"'{tool}' asks the client for {string.Join(", ", capabilities)}, which it did not declare",
            id,
            $$$"""{"requiredCapabilities":{{{{required}}}}}""");
    }
}
