namespace ToolRuntime.OpenApi.Schemas;

/// <summary>A schema in the making: its keywords so far, and what of the document's words is still to be put together.</summary>
internal sealed class Draft
{
    private readonly List<KeyValuePair<string, SchemaPart>> _members = [];

    /// <summary>Types that it may have; null for any.</summary>
    public List<string>? Types { get; set; }

    /// <summary>Whether the document says so (3.0 <c>nullable</c>, 2.0 <c>x-nullable</c>).</summary>
    public bool IsNullable { get; set; }

    /// <summary>Whether values are bytes.</summary>
    public bool IsBytes { get; set; }

    /// <summary>3.0: <c>minimum</c> is exclusive.</summary>
    public bool IsMinimumExclusive { get; set; }

    /// <summary>3.0: <c>maximum</c> is exclusive.</summary>
    public bool IsMaximumExclusive { get; set; }

    /// <summary>Members that are there so far.</summary>
    public int Count => _members.Count;

    public SchemaPart? this[string keyword]
    {
        get => _members.Find(m => m.Key == keyword).Value;
        set
        {
            _members.RemoveAll(m => m.Key == keyword);
            if (value is not null)
            {
                _members.Add(new(keyword, value));
            }
        }
    }

    /// <summary>Takes keywords out.</summary>
    public void Remove(string[] keywords)
    {
        if (_members.Count > 0)
        {
            _members.RemoveAll(m => keywords.Contains(m.Key, StringComparer.Ordinal));
        }
    }

    /// <summary>The keywords in their order.</summary>
    public PartObject ToPart()
    {
        var ordered = _members.Count < 2 ? _members : [.. _members.OrderBy(m => KeywordKinds.Order(m.Key))];
        return ordered.Count == 0 ? PartObject.Empty : new PartObject(ordered);
    }
}
