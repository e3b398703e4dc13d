namespace ToolRuntime.Sdk.Worker;

/// <summary>The pieces of a result are more than may be kept.</summary>
internal sealed class TooLargeException(string message) : Exception(message);
