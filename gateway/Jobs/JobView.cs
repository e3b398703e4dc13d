using ToolRuntime.Bus.Jobs;
using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Jobs;

/// <summary>A job as it stands.</summary>
/// <param name="Record">What is known of it since it was accepted.</param>
/// <param name="State">How far it has come.</param>
/// <param name="UpdatedAt">When it last said something.</param>
public sealed record JobView(JobRecord Record, JobState State, DateTimeOffset UpdatedAt)
{
    /// <summary>Data of its last progress event; empty for none.</summary>
    public ReadOnlyMemory<byte> Progress { get; init; }

    /// <summary>Questions that wait for an answer, each the MCP request as it was asked.</summary>
    public IReadOnlyDictionary<string, JobQuestion> Questions { get; init; } = new Dictionary<string, JobQuestion>(StringComparer.Ordinal);

    /// <summary>Data of the completed event, or empty.</summary>
    public ReadOnlyMemory<byte> Result { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public FunctionFault? Fault { get; init; }

    /// <summary>Why and how often it was taken before it was given up; null where it was not. Its arguments are left out of lists.</summary>
    public DeadLetter? Letter { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded => State is JobState.Completed or JobState.Failed or JobState.Cancelled;
}

/// <summary>A question that waits.</summary>
/// <param name="Sequence">Sequence of the event that asked.</param>
/// <param name="Request">The MCP request, as it was asked.</param>
public readonly record struct JobQuestion(ulong Sequence, ReadOnlyMemory<byte> Request);
