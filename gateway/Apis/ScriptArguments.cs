namespace ToolRuntime.Gateway.Apis;

/// <summary>What the function that runs scripts is called with.</summary>
/// <param name="Language">python or javascript.</param>
/// <param name="Code">The script.</param>
/// <param name="Client">The client's module, in that language.</param>
internal sealed record ScriptArguments(string Language, string Code, string Client);
