namespace ToolRuntime.Sandbox.Archives;

/// <summary>One entry of a tar, without its content.</summary>
/// <param name="Type">The format's own letter for its type.</param>
/// <param name="Name">Its path, relative; of a folder with a slash at the end.</param>
internal sealed record TarItem(char Type, string Name)
{
    public const char File = '0';
    public const char HardLink = '1';
    public const char SymbolicLink = '2';
    public const char Folder = '5';
    public const char NamedPipe = '6';

    /// <summary>Permissions, with set-user, set-group and sticky.</summary>
    public uint Mode { get; init; } = 0b110_100_100;

    /// <summary>Its owner.</summary>
    public uint User { get; init; }

    /// <summary>Its group.</summary>
    public uint Group { get; init; }

    /// <summary>Bytes of its content.</summary>
    public long Size { get; init; }

    /// <summary>Seconds since 1970; what we made up ourselves has none.</summary>
    public long Modified { get; init; }

    /// <summary>What a link leads to: of a hard link the path of an earlier entry.</summary>
    public string Target { get; init; } = "";

    /// <summary>Extended attributes.</summary>
    public IReadOnlyList<(string Name, byte[] Value)> Attributes { get; init; } = [];
}
