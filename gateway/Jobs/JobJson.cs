using System.Text.Json;

using ToolRuntime.Bus.Jobs;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Jobs;

/// <summary>Jobs as the plain HTTP face shows them.</summary>
public static class JobJson
{
    /// <summary>Where a job is found.</summary>
    public static string LocationOf(string id) => $"/v1/jobs/{id}";

    /// <summary>Writes a job.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="view">The job.</param>
    /// <param name="isWhole">Whether its result, questions and dead letter are written too.</param>
    public static void Write(ReplyBuffer buffer, JobView view, bool isWhole)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentNullException.ThrowIfNull(view);
        using var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions);
        writer.WriteStartObject();
        Head(writer, view);
        Raw(writer, "progress"u8, view.Progress);
        if (isWhole)
        {
            Questions(writer, view);
            Raw(writer, "result"u8, view.Result);
        }

        if (view.Fault is { } fault)
        {
            writer.WritePropertyName("fault"u8);
            JsonSerializer.Serialize(writer, fault, FunctionsJson.Default.FunctionFault);
        }

        if (view.Letter is { } letter)
        {
            Letter(writer, letter, isWhole);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes a letter as a list shows it.</summary>
    public static void Write(ReplyBuffer buffer, DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        var view = new JobView(JobRecord.Of(letter.Invocation), JobState.Failed, letter.At) { Letter = letter };
        Write(buffer, view, isWhole: false);
    }

    /// <summary>The word for a state.</summary>
    public static string Word(JobState state) => state switch
    {
        JobState.Delayed => "delayed",
        JobState.Queued => "queued",
        JobState.Working => "working",
        JobState.InputRequired => "input_required",
        JobState.Completed => "completed",
        JobState.Failed => "failed",
        _ => "cancelled",
    };

    private static void Head(Utf8JsonWriter writer, JobView view)
    {
        var record = view.Record;
        writer.WriteString("id"u8, record.Id);
        writer.WriteString("state"u8, Word(view.State));
        writer.WriteString("tool"u8, record.Tool);
        writer.WriteString("function"u8, record.Function);
        writer.WriteString("version"u8, record.Version);
        writer.WriteString("session"u8, record.Session);
        writer.WriteString("acceptedAt"u8, record.AcceptedAt);
        writer.WriteString("updatedAt"u8, view.UpdatedAt);
        writer.WriteString("deadline"u8, record.Deadline);
        if (record.NotBefore is { } due)
        {
            writer.WriteString("notBefore"u8, due);
        }

        if (record.ReplayOf is { } earlier)
        {
            writer.WriteString("replayOf"u8, earlier);
        }

        if (record.ReplayedAs is { } later)
        {
            writer.WriteString("replayedAs"u8, later);
        }
    }

    private static void Questions(Utf8JsonWriter writer, JobView view)
    {
        if (view.Questions.Count > 0)
        {
            writer.WriteStartObject("questions"u8);
            foreach (var (id, question) in view.Questions)
            {
                writer.WritePropertyName(id);
                writer.WriteRawValue(question.Request.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }
    }

    private static void Letter(Utf8JsonWriter writer, DeadLetter letter, bool isWhole)
    {
        writer.WriteStartObject("dead"u8);
        writer.WriteString("reason"u8, letter.Reason);
        writer.WriteNumber("attempts"u8, letter.Attempts);
        writer.WriteString("at"u8, letter.At);
        if (isWhole)
        {
            Raw(writer, "arguments"u8, letter.Invocation.Arguments);
        }

        writer.WriteEndObject();
    }

    private static void Raw(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        if (!value.IsEmpty)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Span, skipInputValidation: true);
        }
    }
}
