namespace ToolRuntime.Gateway.Schemas;

/// <summary>A step from a value to a part of it: a member's name or an item's index.</summary>
internal readonly record struct PathSegment(string? Name, int Index)
{
    public static implicit operator PathSegment(string name) => new(name, 0);

    public static implicit operator PathSegment(int index) => new(null, index);
}
