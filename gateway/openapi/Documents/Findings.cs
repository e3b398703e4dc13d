using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>What reading found wrong, operation by operation.</summary>
internal sealed class Findings(int maximumWarnings)
{
    public List<ApiRefusal> Refusals { get; } = [];

    public List<ApiWarning> Warnings { get; } = [];

    public void Refuse(string code, string pointer, string message, string hint) => Refusals.Add(new ApiRefusal(code, pointer, message, hint));

    public void Warn(string code, string pointer, string message)
    {
        if (Warnings.Count < maximumWarnings)
        {
            Warnings.Add(new ApiWarning(code, pointer, message));
        }
    }
}
