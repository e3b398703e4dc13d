using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>What a <c>subscriptions/listen</c> opts in to; nothing else may be sent to it.</summary>
/// <param name="Tools">Changes of the tool list.</param>
/// <param name="Prompts">Changes of the prompt list.</param>
/// <param name="Resources">Changes of the resource list.</param>
/// <param name="Uris">Resources whose updates are wanted.</param>
public sealed record SubscriptionFilter(bool Tools, bool Prompts, bool Resources, IReadOnlySet<string> Uris)
{
    /// <summary>The note on a task.</summary>
    public const string TaskNote = "notifications/tasks";

    private const int MaximumUris = 256;

    /// <summary>Tasks whose states are wanted.</summary>
    public IReadOnlyList<string> TaskIds { get; init; } = [];

    /// <summary>Reads the member <c>notifications</c>.</summary>
    public static SubscriptionFilter Read(ReadOnlyMemory<byte> filter) => new(
        Wants(filter, "toolsListChanged"u8),
        Wants(filter, "promptsListChanged"u8),
        Wants(filter, "resourcesListChanged"u8),
        RawJson.Items(RawJson.Member(filter, "resourceSubscriptions"u8)).Select(RawJson.Text).OfType<string>().Take(MaximumUris).ToHashSet(StringComparer.Ordinal))
    {
        TaskIds = [.. RawJson.Items(RawJson.Member(filter, "taskIds"u8)).Select(RawJson.Text).OfType<string>().Distinct(StringComparer.Ordinal).Take(MaximumUris)],
    };

    /// <summary>Whether a note is wanted.</summary>
    public bool Accepts(ServerNote note) => note.Method switch
    {
        ServerNote.ToolsChanged => Tools,
        ServerNote.PromptsChanged => Prompts,
        ServerNote.ResourcesChanged => Resources,
        ServerNote.ResourceUpdated => RawJson.Text(RawJson.Member(note.Parameters, "uri"u8)) is { } uri && Uris.Contains(uri),
        _ => false,
    };

    /// <summary>Writes what is honoured, as the acknowledgement says it.</summary>
    public ReplyBuffer Write(ReplyBuffer buffer)
    {
        buffer.Raw("{"u8);
        Flag(buffer, Tools, "toolsListChanged");
        Flag(buffer, Prompts, "promptsListChanged");
        Flag(buffer, Resources, "resourcesListChanged");
        List(buffer, "resourceSubscriptions", Uris);
        List(buffer, "taskIds", TaskIds);
        return buffer.Raw("}"u8);
    }

    private static bool Wants(ReadOnlyMemory<byte> filter, ReadOnlySpan<byte> name) => RawJson.Member(filter, name).Span.SequenceEqual("true"u8);

    private static void List(ReplyBuffer buffer, string name, IReadOnlyCollection<string> items)
    {
        if (items.Count > 0)
        {
            Separate(buffer).Text(name).Raw(":["u8);
            foreach (var item in items)
            {
                Separate(buffer).Text(item);
            }

            buffer.Raw("]"u8);
        }
    }

    private static void Flag(ReplyBuffer buffer, bool wanted, string name)
    {
        if (wanted)
        {
            Separate(buffer).Text(name).Raw(":true"u8);
        }
    }

    private static ReplyBuffer Separate(ReplyBuffer buffer) => buffer.Raw(buffer.Written.Span[^1] is (byte)'{' or (byte)'[' ? ""u8 : ","u8);
}
