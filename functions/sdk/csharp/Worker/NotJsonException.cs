namespace ToolRuntime.Sdk.Worker;

/// <summary>A result that has no JSON form.</summary>
internal sealed class NotJsonException(string message) : Exception(message);
