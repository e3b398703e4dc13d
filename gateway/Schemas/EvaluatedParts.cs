namespace ToolRuntime.Gateway.Schemas;

/// <summary>Which members and items of one place were evaluated so far.</summary>
internal sealed class EvaluatedParts
{
    private readonly HashSet<string> _properties = new(StringComparer.Ordinal);
    private readonly HashSet<int> _items = [];
    private int _prefix;

    public void Property(string name) => _properties.Add(name);

    public void Item(int index) => _items.Add(index);

    public void ItemsBelow(int count) => _prefix = Math.Max(_prefix, count);

    public bool HasProperty(string name) => _properties.Contains(name);

    public bool HasItem(int index) => index < _prefix || _items.Contains(index);

    public void Add(EvaluatedParts other)
    {
        _properties.UnionWith(other._properties);
        _items.UnionWith(other._items);
        ItemsBelow(other._prefix);
    }
}
