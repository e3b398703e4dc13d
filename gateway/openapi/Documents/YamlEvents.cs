using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>
/// The events of a YAML text one after the other, with what an alias stands for put in its place. Only anchored nodes are kept, and all that
/// comes out is counted: a few lines of aliases on aliases can stand for billions of nodes.
/// </summary>
internal sealed class YamlEvents(IParser parser, int maximumEvents)
{
    private readonly Dictionary<AnchorName, List<ParsingEvent>> _anchors = [];
    private readonly List<(List<ParsingEvent> Events, int Depth)> _open = [];
    private readonly Stack<(List<ParsingEvent> Events, int At)> _replays = new();
    private int _count;

    /// <summary>Where reading is, for messages.</summary>
    public Mark Place { get; private set; }

    /// <summary>The next event of a node, aliases written out.</summary>
    public ParsingEvent Next()
    {
        var read = Replayed() ?? Parsed();
        if (++_count > maximumEvents)
        {
            throw Refuse("the document stands for too many nodes once its aliases are written out", "write fewer aliases of aliases");
        }

        if (read is not AnchorAlias alias)
        {
            return read;
        }

        if (!_anchors.TryGetValue(alias.Value, out var events))
        {
            throw Refuse($"the alias '*{alias.Value}' has no anchor, or stands inside it", "define the anchor before its first use");
        }

        _replays.Push((events, 0));
        return Next();
    }

    /// <summary>Goes over <paramref name="events"/> next, then on where reading was.</summary>
    public void Replay(List<ParsingEvent> events) => _replays.Push((events, 0));

    /// <summary>Reads one whole node, aliases written out, and gives its events.</summary>
    public List<ParsingEvent> Node()
    {
        List<ParsingEvent> events = [];
        var depth = 0;
        do
        {
            var read = Next();
            depth += read.NestingIncrease;
            events.Add(read);
        }
        while (depth > 0);

        return events;
    }

    public ApiDocumentException Refuse(string what, string hint) => new(what, $"{Place.Line}:{Place.Column}", hint);

    private ParsingEvent? Replayed()
    {
        while (_replays.TryPop(out var replay))
        {
            if (replay.At < replay.Events.Count)
            {
                _replays.Push((replay.Events, replay.At + 1));
                return replay.Events[replay.At];
            }
        }

        return null;
    }

    private ParsingEvent Parsed()
    {
        do
        {
            if (!parser.MoveNext())
            {
                throw Refuse("the document ends too early", "give the whole document");
            }

            Place = parser.Current!.Start;
        }
        while (parser.Current is Comment);

        var read = parser.Current!;
        Keep(read);
        return read;
    }

    private void Keep(ParsingEvent read)
    {
        if (read is NodeEvent { Anchor.IsEmpty: false } node)
        {
            var events = new List<ParsingEvent>();
            _anchors[node.Anchor] = events;
            _open.Add((events, 0));
        }

        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var (events, depth) = _open[i];
            events.Add(read);
            depth += read.NestingIncrease;
            _open[i] = (events, depth);
            if (depth <= 0)
            {
                _open.RemoveAt(i);
            }
        }
    }
}
