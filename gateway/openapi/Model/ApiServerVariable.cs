namespace ToolRuntime.OpenApi.Model;

/// <summary>A variable in a server's URL.</summary>
/// <param name="Default">What stands for it when nobody says otherwise.</param>
/// <param name="Values">What may stand for it; empty for anything.</param>
public sealed record ApiServerVariable(string Default, IReadOnlyList<string> Values);
