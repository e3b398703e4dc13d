using System.Text.RegularExpressions;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Mailboxes;

/// <summary>Where a mailbox lies: subject <c>mb.{partition}.{tenant}.{kind}.{name}</c>, kind m for messages, d for dead letters, r for answers.</summary>
internal sealed partial record MailboxPlace(string Stream, string Subject, string Tenant, string Name, int Partition)
{
    /// <summary>Where stored messages are sent again.</summary>
    public string LiveSubject => $"live.{Subject}";

    /// <summary>The key of the receivers' entry.</summary>
    public string Key => $"{Tenant}.{Name}";

    /// <summary>The dead letters of it.</summary>
    public MailboxPlace Dead => this with { Subject = $"mb.{Partition}.{Tenant}.d.{Name}" };

    /// <summary>A mailbox.</summary>
    /// <exception cref="FunctionFaultException">It cannot be a name.</exception>
    public static MailboxPlace Of(string tenant, string name, int partitions) => NamePattern().IsMatch(name)
        ? Of(tenant, 'm', name, partitions)
        : throw new FunctionFaultException(FaultCode.InvalidArguments, $"'{(name.Length <= 64 ? name : name[..64] + "…")}' cannot be a mailbox", "1 to 64 of A-Z a-z 0-9 _ -");

    /// <summary>Where the answer to a request goes.</summary>
    /// <exception cref="FunctionFaultException">It is no id of a request.</exception>
    public static MailboxPlace OfReply(string tenant, string id, int partitions) => Ids.IsValid(id)
        ? Of(tenant, 'r', id, partitions)
        : throw new FunctionFaultException(FaultCode.InvalidArguments, "replyTo: the message is no request", "answer with the replyTo of the message that was received");

    /// <summary>The stream of a partition.</summary>
    public static string StreamName(int partition) => $"MB_{partition}";

    private static MailboxPlace Of(string tenant, char kind, string name, int partitions)
    {
        var partition = TopicPlace.PartitionOf(tenant, name, partitions);
        return new MailboxPlace(StreamName(partition), $"mb.{partition}.{tenant}.{kind}.{name}", tenant, name, partition);
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();
}
