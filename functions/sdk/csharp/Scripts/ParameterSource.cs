namespace ToolRuntime.Sdk.Scripts;

/// <summary>Where a parameter's value comes from.</summary>
internal enum ParameterSource
{
    Argument,
    Context,
    Cancellation,
}
