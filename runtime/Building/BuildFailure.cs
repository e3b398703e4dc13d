using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building;

/// <summary>Makes the faults of a refused deployment.</summary>
internal static class BuildFailure
{
    /// <summary>Refused for one reason.</summary>
    public static FunctionFaultException Refused(string message, string? hint = null, string? detail = null) =>
        new(FaultCode.DeployRefused, message, hint, detail);

    /// <summary>Refused for every reason at once.</summary>
    public static FunctionFaultException Refused(string what, IReadOnlyList<string> errors, string? hint = null) =>
        Refused(errors.Count == 1 ? $"{what}: {errors[0]}" : $"{what}: {errors.Count} errors\n- {string.Join("\n- ", errors)}", hint);
}
