namespace ToolRuntime.Sandbox.Isolation;

/// <summary>One attempt to get out of a sandbox, or to see what is not its own.</summary>
/// <param name="Name">What is tried.</param>
/// <param name="Script">
/// A script for <c>/bin/sh</c> that writes a line <c>BREACH reason</c> for each thing that it gets and must not get. <c>@CANARY@</c> stands for a
/// secret of the host that was left where it could be found, <c>@PATH@</c> for the host's file that holds it.
/// </param>
/// <param name="AsRoot">Whether the sandbox's own root tries it too.</param>
internal sealed record IsolationProbe(string Name, string Script, bool AsRoot = true);
