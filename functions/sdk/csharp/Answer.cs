namespace ToolRuntime.Sdk;

/// <summary>What a person answered.</summary>
/// <param name="Action"><c>accept</c>, <c>decline</c> or <c>cancel</c>.</param>
/// <param name="Content">The form; default where the action is not accept.</param>
public sealed record Answer<T>(string Action, T? Content)
{
    /// <summary>Whether the form was filled in.</summary>
    public bool IsAccepted => Action == "accept";
}
