namespace ToolRuntime.OpenApi.Schemas;

/// <summary>A schema that references lead to.</summary>
/// <param name="name">Its name under <c>$defs</c>: the same whichever tool asks first.</param>
/// <param name="convert">Makes it.</param>
internal sealed class Definition(string name, Func<SchemaPart> convert)
{
    private readonly Lazy<SchemaPart> _part = new(convert);

    public string Name { get; } = name;

    /// <summary>The schema; references in it are not followed.</summary>
    public SchemaPart Part => _part.Value;
}
