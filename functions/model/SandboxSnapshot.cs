namespace ToolRuntime.Functions;

/// <summary>A kept state that sandboxes can be made from, as often as wanted.</summary>
public sealed record SandboxSnapshot
{
    /// <summary>The tag that is meant where none is written.</summary>
    public const string DefaultTag = "default";

    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its id, see <see cref="Ids"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, or null.</summary>
    public string? Name { get; init; }

    /// <summary>What tells it from others of its name, as <c>name:tag</c>. A name with no tag means the tag <see cref="DefaultTag"/>, or one that has none.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The sandbox that it was taken from.</summary>
    public required string Sandbox { get; init; }

    /// <summary>The image.</summary>
    public required string Image { get; init; }

    /// <summary>The runtime that has it.</summary>
    public required string Runtime { get; init; }

    /// <summary>The data folder of that runtime.</summary>
    public required string Home { get; init; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Size on disk, bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>How sandboxes of it are made, where their maker says nothing else.</summary>
    public SandboxSettings Settings { get; init; } = new();
}
