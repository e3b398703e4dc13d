namespace ToolRuntime.Sdk.Scripts;

/// <summary>Arguments that do not fit the method; the message names the path.</summary>
internal sealed class BindingException(string message) : Exception(message);
