using System.Text.Json;

using ToolRuntime.E2b.Interpreter;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>Gathers the events of an execution into a tool's result.</summary>
internal sealed class CodeResult
{
    private const int MostResults = 64;
    private static readonly (string Member, string MimeType)[] s_images = [("png", "image/png"), ("jpeg", "image/jpeg")];
    private static readonly (string Member, string MimeType)[] s_texts =
        [("markdown", "text/markdown"), ("html", "text/html"), ("svg", "image/svg+xml"), ("latex", "text/latex"), ("javascript", "text/javascript")];

    private readonly BoundedText _output = new();
    private readonly BoundedText _errors = new();
    private readonly List<JsonElement> _results = [];
    private JsonElement? _error;
    private string? _timeout;
    private int _count;

    /// <summary>Takes one event; gives what it printed, or null.</summary>
    public string? Take(ReadOnlyMemory<byte> happened)
    {
        var element = JsonElement.Parse(happened.Span);
        switch (element.GetProperty("type").GetString())
        {
            case "stdout":
                return Printed(_output, element);
            case "stderr":
                return Printed(_errors, element);
            case "result" when _results.Count < MostResults:
                _results.Add(element);
                return null;
            case "error":
                _error = element;
                return null;
            case "number_of_executions":
                _count = element.GetProperty("execution_count").GetInt32();
                return null;
            default:
                return null;
        }
    }

    /// <summary>Says that its time was over.</summary>
    public void TimedOut(double seconds) => _timeout = $"interrupted: it took longer than {seconds:0.#} s";

    /// <summary>The result.</summary>
    public ReadOnlyMemory<byte> Write(string? session, KernelContext context) =>
        ToolAnswer.Write(writer => WriteValue(writer, session, context), WriteContent, isError: _error is not null || _timeout is not null);

    private static string Printed(BoundedText text, JsonElement element)
    {
        var printed = element.GetProperty("text").GetString() ?? "";
        text.Add(printed);
        return printed;
    }

    private void WriteValue(Utf8JsonWriter writer, string? session, KernelContext context)
    {
        writer.WriteStartObject();
        if (session is not null)
        {
            writer.WriteString("session"u8, session);
            writer.WriteString("context"u8, context.Id);
        }

        writer.WriteString("stdout"u8, _output.ToString());
        writer.WriteString("stderr"u8, _errors.ToString());
        writer.WriteStartArray("results"u8);
        foreach (var result in _results)
        {
            WriteSmall(writer, result);
        }

        writer.WriteEndArray();
        if (_error is { } error)
        {
            writer.WritePropertyName("error"u8);
            error.WriteTo(writer);
        }

        writer.WriteNumber("executionCount"u8, _count);
        writer.WriteEndObject();
    }

    /// <summary>A result without what stands in content blocks already, and without JSON of a list or object whose text says the same.</summary>
    private static void WriteSmall(Utf8JsonWriter writer, JsonElement result)
    {
        var saysAll = Member(result, "text") is ['[' or '{' or '(', ..];
        writer.WriteStartObject();
        foreach (var member in result.EnumerateObject().Where(m => m.Name is "text" or "data" or "chart" or "extra" or "is_main_result" || (m.Name == "json" && !saysAll)))
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter writer)
    {
        var any = _results.Count > 0 || _error is not null || _timeout is not null;
        any |= WriteText(writer, _output.ToString(), "");
        any |= WriteText(writer, _errors.ToString(), "stderr:\n");
        for (var i = 0; i < _results.Count; i++)
        {
            WriteResult(writer, _results[i], i);
        }

        if (_error is { } error)
        {
            var trace = error.TryGetProperty("traceback", out var traceback) && traceback.ValueKind == JsonValueKind.String ? traceback.GetString() : null;
            ToolAnswer.Text(writer, trace is { Length: > 0 } ? trace : $"{Member(error, "name")}: {Member(error, "value")}");
        }

        if (_timeout is not null)
        {
            ToolAnswer.Text(writer, _timeout);
        }

        if (!any)
        {
            ToolAnswer.Text(writer, "(no output)");
        }
    }

    private static bool WriteText(Utf8JsonWriter writer, string text, string head)
    {
        if (text.Length == 0)
        {
            return false;
        }

        ToolAnswer.Text(writer, head + text);
        return true;
    }

    private static void WriteResult(Utf8JsonWriter writer, JsonElement result, int index)
    {
        // One picture of the same thing is enough.
        var image = s_images.FirstOrDefault(i => Member(result, i.Member) is not null);
        if (image.Member is not null)
        {
            ToolAnswer.Binary(writer, image.MimeType, Member(result, image.Member)!, $"result://{index}/{image.Member}");
        }

        foreach (var (member, type) in s_texts)
        {
            if (Member(result, member) is { } text)
            {
                ToolAnswer.Resource(writer, type, text, $"result://{index}/{member}");
            }
        }

        if (Member(result, "pdf") is { } pdf)
        {
            ToolAnswer.Binary(writer, "application/pdf", pdf, $"result://{index}/pdf");
        }

        if (image.Member is null && Member(result, "text") is { } plain)
        {
            ToolAnswer.Text(writer, plain);
        }
    }

    private static string? Member(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
