namespace ToolRuntime.Bus.Sessions;

/// <summary>How long events are kept: one class of streams each, because JetStream expires whole streams cheaply and single sessions dearly.</summary>
/// <param name="Name">Part of subjects and stream names.</param>
/// <param name="MaxAge">Time that an event is kept.</param>
internal sealed record TopicClass(string Name, TimeSpan MaxAge)
{
    /// <summary>Calls without a session of their own.</summary>
    public static TopicClass Hour { get; } = new("h1", TimeSpan.FromHours(1));

    /// <summary>Calls of a session that lives on.</summary>
    public static TopicClass Day { get; } = new("d1", TimeSpan.FromHours(24));

    /// <summary>Durable streams of a few minutes.</summary>
    public static TopicClass Quarter { get; } = new("m15", TimeSpan.FromMinutes(15));

    /// <summary>Durable streams without an end, or a late one.</summary>
    public static TopicClass Week { get; } = new("d7", TimeSpan.FromDays(7));

    /// <summary>Those of calls, which stand from the begin; longest last.</summary>
    public static IReadOnlyList<TopicClass> All { get; } = [Hour, Day];

    /// <summary>Those of durable streams, made at their first use; longest last.</summary>
    public static IReadOnlyList<TopicClass> OfStreams { get; } = [Quarter, Hour, Day, Week];

    /// <summary>The one choice of class.</summary>
    public static TopicClass Of(TopicKey key) => key.SessionIsExplicit ? Day : Hour;
}
