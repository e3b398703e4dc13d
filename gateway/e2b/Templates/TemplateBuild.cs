using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Templates;

/// <summary>One build as its topic tells it: what it is to become, how far it is, and what it said. Its id is that of the snapshot that it leaves.</summary>
internal sealed class TemplateBuild(string tenant, string id, BuildPlan plan)
{
    /// <summary>The first event of a topic says what is to be built.</summary>
    public const EventKind PlanKind = EventKind.Progress;

    private readonly List<TemplateLogEntry> _log = [];

    /// <summary>Whose.</summary>
    public string Tenant => tenant;

    /// <summary>Its id.</summary>
    public string Id => id;

    /// <summary>What it is to become.</summary>
    public BuildPlan Plan => plan;

    /// <summary><c>waiting</c>, <c>building</c>, <c>ready</c> or <c>error</c>.</summary>
    public string Status { get; private set; } = "waiting";

    /// <summary>Why it failed, or null.</summary>
    public string? Reason { get; private set; }

    /// <summary>The step that it is at: <c>base</c>, a number from 1, or <c>finalize</c>.</summary>
    public string Step { get; private set; } = "base";

    /// <summary>What it said.</summary>
    public IReadOnlyList<TemplateLogEntry> Log => _log;

    /// <summary>The topic of a build; it is kept for a day.</summary>
    public static TopicKey TopicOf(string tenant, string id) => new(tenant, id, "build", SessionIsExplicit: true);

    /// <summary>Takes the next event.</summary>
    public void Take(InvocationEvent happened)
    {
        var note = Read(happened);
        _log.AddRange(note.Lines ?? []);
        Step = note.Step ?? Step;
        Status = happened.Kind switch
        {
            EventKind.Completed => "ready",
            EventKind.Failed => "error",
            _ => "building",
        };
        Reason = note.Reason;
    }

    /// <summary>Nobody works on it any more.</summary>
    public void Abandon(string reason) => (Status, Reason) = ("error", reason);

    /// <summary>An event that says <paramref name="note"/>.</summary>
    public static InvocationEvent Event(EventKind kind, BuildNote note) => new(kind, JsonSerializer.SerializeToUtf8Bytes(note, BuildJson.Default.BuildNote));

    /// <summary>What an event says.</summary>
    public static BuildNote Read(InvocationEvent happened) => JsonSerializer.Deserialize(happened.Data.Span, BuildJson.Default.BuildNote) ?? new BuildNote();
}
