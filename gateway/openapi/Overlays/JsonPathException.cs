namespace ToolRuntime.OpenApi.Overlays;

/// <summary>A JSONPath that cannot be followed; never leaves this folder.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="isCopy">Whether it is the path to copy from.</param>
internal sealed class JsonPathException(string message, bool isCopy = false) : Exception(message)
{
    public bool IsCopy { get; } = isCopy;
}
