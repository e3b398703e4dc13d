using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Jobs;

/// <summary>
/// What must be known of a job to answer for it on any gateway. It is stored before the job's id is given away; how far the job has come stands on
/// its topic alone.
/// </summary>
public sealed record JobRecord
{
    /// <summary>The invocation's id, and the job's.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The session whose topic carries its events.</summary>
    public required string Session { get; init; }

    /// <summary>The tool's name.</summary>
    public required string Tool { get; init; }

    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>The version that it runs.</summary>
    public required string Version { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it must have ended.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When it goes into the queue, or null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The dead call that it repeats, or null.</summary>
    public string? ReplayOf { get; init; }

    /// <summary>The job that last repeated it, or null.</summary>
    public string? ReplayedAs { get; init; }

    /// <summary>Answers to its questions, by the question's id.</summary>
    public IReadOnlyDictionary<string, JobAnswer> Answers { get; init => field = value ?? s_none; } = s_none;

    private static readonly IReadOnlyDictionary<string, JobAnswer> s_none = new Dictionary<string, JobAnswer>(StringComparer.Ordinal);

    /// <summary>Where its events lie.</summary>
    public TopicKey Topic => new(Tenant, Session, Id, SessionIsExplicit: true);

    /// <summary>The record of an invocation that becomes a job.</summary>
    public static JobRecord Of(Invocation invocation)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        return new JobRecord
        {
            Id = invocation.Id,
            Tenant = invocation.Caller.Tenant,
            Session = invocation.Session,
            Tool = invocation.Tool,
            Function = invocation.Function,
            Version = invocation.Version,
            AcceptedAt = invocation.AcceptedAt,
            Deadline = invocation.Deadline,
        };
    }
}

/// <summary>One answer to a job's question.</summary>
/// <param name="Question">Sequence of the event that asked: the same id may be asked again later.</param>
/// <param name="Response">The MCP input response, as it came.</param>
/// <param name="At">When it came.</param>
public sealed record JobAnswer(ulong Question, JsonElement Response, DateTimeOffset At);
