namespace ToolRuntime.Gateway.Streams;

/// <summary>The whole body was larger than it may be.</summary>
public sealed class BodyTooLargeException() : Exception("the body is larger than it may be");
