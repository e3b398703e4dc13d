using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>Names one call's subject: <c>lt.{class}.{partition}.{tenant}.{session}.{invocation}</c>.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Invocation">The invocation's id.</param>
/// <param name="SessionIsExplicit">Whether the session lives beyond the call, or the call is a job; decides how long its events are kept. Writer and readers must agree.</param>
public readonly record struct TopicKey(string Tenant, string Session, string Invocation, bool SessionIsExplicit)
{
    /// <summary>The key of a call.</summary>
    public static TopicKey Of(Invocation invocation) => new(invocation.Caller.Tenant, invocation.Session, invocation.Id, invocation.SessionIsExplicit || (invocation.Options & (InvocationOptions.Keep | InvocationOptions.Job)) != 0);
}
