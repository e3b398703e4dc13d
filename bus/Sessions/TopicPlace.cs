using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Sessions;

/// <summary>Where a call's events lie.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Subject">The subject in it.</param>
/// <param name="Invocation">The call.</param>
/// <param name="Tenant">Whose.</param>
internal sealed record TopicPlace(string Stream, string Subject, string Invocation, string Tenant)
{
    /// <summary>Stands for a call where the index of a session is meant; no call has such an id.</summary>
    public const string Index = "index";

    /// <summary>The same for what is published among the calls.</summary>
    public const string Messages = "messages";

    /// <summary>The same for lines about the session, such as what its sandbox asked to reach.</summary>
    public const string Notes = "notes";

    private const string LivePrefix = "live.";

    /// <summary>Where stored events are sent again.</summary>
    public string LiveSubject => LivePrefix + Subject;

    /// <summary>The place of a call.</summary>
    /// <exception cref="ArgumentException">A part of the key cannot stand in a subject.</exception>
    public static TopicPlace Of(TopicKey key, int partitions)
    {
        var name = TopicClass.Of(key).Name;
        var partition = PartitionOf(key.Tenant, key.Session, partitions);
        var subject = $"lt.{name}.{partition}.{NatsSubject.Token(key.Tenant)}.{NatsSubject.Token(key.Session)}.{NatsSubject.Token(key.Invocation)}";
        return new TopicPlace(StreamName(name, partition), subject, key.Invocation, key.Tenant);
    }

    /// <summary>The index of a session that lives beyond a call.</summary>
    /// <exception cref="ArgumentException">A part of it cannot stand in a subject.</exception>
    public static (string Stream, string Subject) IndexOf(string tenant, string session, int partitions)
    {
        var (name, partition) = (TopicClass.Day.Name, PartitionOf(tenant, session, partitions));
        return (StreamName(name, partition), $"lt.{name}.{partition}.{NatsSubject.Token(tenant)}.{NatsSubject.Token(session)}.{Index}");
    }

    /// <summary>All calls of a session.</summary>
    /// <exception cref="ArgumentException">A part of it cannot stand in a subject.</exception>
    public static (string Stream, string Filter) SessionOf(TopicClass topicClass, string tenant, string session, int partitions)
    {
        var partition = PartitionOf(tenant, session, partitions);
        return (StreamName(topicClass.Name, partition), $"lt.{topicClass.Name}.{partition}.{NatsSubject.Token(tenant)}.{NatsSubject.Token(session)}.*");
    }

    /// <summary>The stream of a class and partition.</summary>
    public static string StreamName(string topicClass, int partition) => $"LT_{topicClass}_{partition}";

    /// <summary>FNV-1a over tenant and session: stable over processes and versions.</summary>
    public static int PartitionOf(string tenant, string session, int partitions)
    {
        var hash = 2166136261u;
        foreach (var c in tenant)
        {
            hash = (hash ^ c) * 16777619u;
        }

        hash = (hash ^ '/') * 16777619u;
        foreach (var c in session)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return (int)(hash % (uint)partitions);
    }
}
