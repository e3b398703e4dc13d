namespace ToolRuntime.Bus.Sessions;

/// <summary>Another writer has taken over the subject; the present one must stop at once.</summary>
public sealed class FencedException(string message, Exception? innerException = null) : Exception(message, innerException);
