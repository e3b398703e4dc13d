namespace ToolRuntime.OpenApi.Search.Index;

/// <summary>Adds to a tool's terms the lexicon's other words for what its name, title and path are about.</summary>
internal sealed class Glosses(TermTable terms, Lexicon lexicon)
{
    private readonly Dictionary<(int, int, int, int), int[]> _seen = [];
    private readonly HashSet<int> _added = [];
    private int _action;

    /// <summary>Adds the words for <paramref name="text"/>, whose terms up to <paramref name="pathEnd"/> are its name, title and path, and which does <paramref name="action"/>.</summary>
    public void Add(ToolText text, int pathEnd, ToolAction action)
    {
        _added.Clear();
        _action = terms.Add(Lexicon.ActionMark(action));
        var (thingStart, thingEnd) = text.RangeOf(ToolField.Thing);
        var placeStart = text.RangeOf(ToolField.Place).Start;
        text.Begin(ToolField.Gloss);
        if (thingEnd > thingStart)
        {
            // the last word says what a compound is: a secret of an organization is a secret
            AddEndingAt(text, placeStart, thingEnd - 1);
            MatchNames(text, thingStart, thingEnd);
            MatchBeginning(text);
        }
        else
        {
            Match(text, 0, pathEnd, endsAfter: 0);
        }

        _action = TermTable.None;
        var parentStart = text.RangeOf(ToolField.Parent).Start;
        text.Begin(ToolField.ParentGloss);
        Match(text, placeStart, Math.Max(thingStart, thingEnd - 1), endsAfter: parentStart);
        text.Begin(ToolField.PlaceGloss);
        Match(text, placeStart, parentStart, endsAfter: 0);
    }

    // Compound names are one word in a path and several in an id: a head counts there if a word of the path's thing is in it.
    private void MatchNames(ToolText text, int thingStart, int thingEnd)
    {
        foreach (var field in (ReadOnlySpan<ToolField>)[ToolField.Name, ToolField.Title])
        {
            var (start, end) = text.RangeOf(field);
            for (var last = start; last < end; last++)
            {
                for (var length = 1; length <= Lexicon.LongestPhrase && last - length + 1 >= start; length++)
                {
                    var head = text.Slice(last - length + 1, last + 1);
                    if (head.ContainsAny(text.Slice(length == 1 ? thingEnd - 1 : thingStart, thingEnd)))
                    {
                        AddGloss(text, head);
                    }
                }
            }
        }
    }

    // A title says first what is done to what.
    private void MatchBeginning(ToolText text)
    {
        var (start, end) = text.RangeOf(ToolField.Title);
        for (var length = 2; length <= Lexicon.LongestPhrase && start + length <= end; length++)
        {
            AddGloss(text, text.Slice(start, start + length));
        }
    }

    private void Match(ToolText text, int start, int end, int endsAfter)
    {
        for (var last = Math.Max(start, endsAfter); last < end; last++)
        {
            AddEndingAt(text, start, last);
        }
    }

    private void AddEndingAt(ToolText text, int start, int last)
    {
        for (var length = 1; length <= Lexicon.LongestPhrase && last - length + 1 >= start; length++)
        {
            AddGloss(text, text.Slice(last - length + 1, last + 1));
        }
    }

    private void AddGloss(ToolText text, ReadOnlySpan<int> head)
    {
        AddTerms(text, GlossOf(head));
        if (_action != TermTable.None && head.Length < Lexicon.LongestPhrase)
        {
            AddTerms(text, GlossOf([_action, .. head]));
        }
    }

    private void AddTerms(ToolText text, int[] gloss)
    {
        foreach (var term in gloss)
        {
            if (_added.Add(term))
            {
                text.Add(term);
            }
        }
    }

    private int[] GlossOf(ReadOnlySpan<int> head)
    {
        var key = (head[0], At(head, 1), At(head, 2), At(head, 3));
        if (!_seen.TryGetValue(key, out var gloss))
        {
            var phrase = string.Join(' ', head.ToArray().Select(terms.StemOf));
            _seen[key] = gloss = [.. lexicon.GlossOf(phrase).Select(terms.Add)];
        }

        return gloss;
    }

    private static int At(ReadOnlySpan<int> head, int word) => head.Length > word ? head[word] : TermTable.None;
}
