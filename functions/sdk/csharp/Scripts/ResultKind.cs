namespace ToolRuntime.Sdk.Scripts;

/// <summary>What a method's return value is once awaited.</summary>
internal enum ResultKind
{
    /// <summary>Nothing: void, <see cref="Task"/>, <see cref="ValueTask"/>.</summary>
    None,

    /// <summary>One value.</summary>
    Value,

    /// <summary>Pieces of an iterator method (<c>yield</c>).</summary>
    Pieces,

    /// <summary>Pieces of an async iterator.</summary>
    AsyncPieces,
}
