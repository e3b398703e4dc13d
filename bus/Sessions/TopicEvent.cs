using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>An event with its place. The event id that clients see is <c>{invocation}:{sequence}</c>.</summary>
/// <param name="Invocation">The call.</param>
/// <param name="Sequence">Stream sequence, above 0.</param>
/// <param name="Event">What it says.</param>
public readonly record struct TopicEvent(string Invocation, ulong Sequence, InvocationEvent Event);
