using System.Buffers;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>One question of a function to its caller.</summary>
/// <param name="Id">Names the answer; no two open questions of a call have the same.</param>
/// <param name="Method">The MCP request that asks it.</param>
/// <param name="Parameters">The request's parameters.</param>
internal sealed record Question(string Id, string Method, JsonElement Parameters)
{
    // A client is asked for nothing but what MCP lets a server ask for.
    private static readonly string[] s_methods = ["elicitation/create", "sampling/createMessage", "roots/list"];
    private static readonly JsonElement s_none = JsonElement.Parse("{}");

    /// <summary>Reads <c>{"requests":{id: {"method","params"?}}}</c>.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: it is not that.</exception>
    public static IReadOnlyList<Question> Read(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("requests"u8, out var requests)
            || requests.ValueKind != JsonValueKind.Object || requests.GetPropertyCount() is 0 or > ChildCall.MaximumInFlight)
        {
            throw Refused($"params.requests must be an object of 1 to {ChildCall.MaximumInFlight} questions");
        }

        Question[] questions = [.. requests.EnumerateObject().Select(q => Read(q.Name, q.Value))];
        return questions.DistinctBy(q => q.Id, StringComparer.Ordinal).Count() == questions.Length
            ? questions
            : throw Refused("params.requests has two questions of one id");
    }

    /// <summary>The event data <c>{"requests":{id: {"method","params"}}}</c>.</summary>
    public static byte[] Write(IReadOnlyList<Question> questions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("requests"u8);
            foreach (var question in questions)
            {
                json.WriteStartObject(question.Id);
                json.WriteString("method"u8, question.Method);
                json.WritePropertyName("params"u8);
                question.Parameters.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static Question Read(string id, JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("method"u8, out var method)
            || method.ValueKind != JsonValueKind.String || !s_methods.Contains(method.GetString(), StringComparer.Ordinal))
        {
            throw Refused($"the method of question {id} must be one of {string.Join(", ", s_methods)}");
        }

        var parameters = request.TryGetProperty("params"u8, out var given) ? given : s_none;
        return parameters.ValueKind == JsonValueKind.Object
            ? new Question(id, method.GetString()!, parameters)
            : throw Refused($"params of question {id} must be an object");
    }

    private static FunctionFaultException Refused(string why) =>
        new(FaultCode.InvalidArguments, $"ask: {why}", """give {"requests":{"name":{"method":"elicitation/create","params":{}}}}""");
}
