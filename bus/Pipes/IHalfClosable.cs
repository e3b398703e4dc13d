namespace ToolRuntime.Bus.Pipes;

/// <summary>A stream whose writing direction can be ended while the other goes on.</summary>
public interface IHalfClosable
{
    /// <summary>Ends the writing direction: the other side reads to the end.</summary>
    ValueTask CloseWriteAsync(CancellationToken cancellationToken);
}
