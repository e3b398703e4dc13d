using System.Text;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Mailboxes;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Workers;

namespace ToolRuntime.Runtime.Calls;

/// <summary>
/// What a function asks the host to keep: the results of its steps, and the memory of its session and tenant, messages. Whose they are comes from the
/// runtime's own record of the invocation.
/// </summary>
internal sealed class KeptCalls(Invocation invocation, CallEvents events, CallKeep keep, MessageBus bus)
{
    private const string StatePrefix = "state.";
    private const string MailboxPrefix = "mailbox.";
    private readonly CallSteps _steps = new(keep, events);

    /// <summary>Another worker begins the call anew.</summary>
    public void BeginAttempt() => _steps.BeginAttempt();

    /// <summary>Answers a HOST_CALL.</summary>
    /// <exception cref="FunctionFaultException">There is no such method, or its parameters do not fit.</exception>
    public ValueTask<ReadOnlyMemory<byte>> RunAsync(HostCall call, CancellationToken cancellationToken)
    {
        var given = new CallParameters(call.Params);
        return call.Method switch
        {
            "checkpoint.get" => ValueTask.FromResult(Object("state", events.Checkpoint.IsEmpty ? "null"u8.ToArray() : events.Checkpoint)),
            "step.begin" => BeginAsync(given.Text("name"), cancellationToken),
            "step.finish" => FinishAsync(given.Text("name"), given.Json("value"), cancellationToken),
            "step.leave" => Leave(given.Text("name")),
            { } word when word.StartsWith(StatePrefix, StringComparison.Ordinal) => StateWords.DoAsync(bus.State, ScopeOf(given), word[StatePrefix.Length..], call.Params, cancellationToken),
            { } word when word.StartsWith(MailboxPrefix, StringComparison.Ordinal) => MailboxWords.DoAsync(
                bus.Mailboxes, (invocation.Caller.Tenant, invocation.Function), word[MailboxPrefix.Length..], call.Params, cancellationToken),
            _ => throw new FunctionFaultException(
                FaultCode.InvalidArguments,
                $"the host offers no {call.Method ?? "(nothing)"}",
                "use tools.list, tools.call, elicit, ask, checkpoint.get, step.begin, step.finish, step.leave state.* or mailbox.*"),
        };
    }

    private static ReadOnlyMemory<byte> Object(string name, ReadOnlyMemory<byte> json) => (byte[])[.. Encoding.UTF8.GetBytes($"{{\"{name}\":"), .. json.Span, (byte)'}'];

    private async ValueTask<ReadOnlyMemory<byte>> BeginAsync(string name, CancellationToken cancellationToken) =>
        await _steps.BeginAsync(name, cancellationToken) is { } kept ? Object("value", kept) : "{\"run\":true}"u8.ToArray();

    private async ValueTask<ReadOnlyMemory<byte>> FinishAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken) =>
        Object("value", await _steps.FinishAsync(name, result, cancellationToken));

    private ValueTask<ReadOnlyMemory<byte>> Leave(string name)
    {
        _steps.Leave(name);
        return ValueTask.FromResult<ReadOnlyMemory<byte>>("{}"u8.ToArray());
    }

    private StateScope ScopeOf(CallParameters given) => given.OptionalText("scope") switch
    {
        null or "session" => new StateScope(invocation.Caller.Tenant, invocation.Session),
        "tenant" => new StateScope(invocation.Caller.Tenant),
        var other => throw new FunctionFaultException(FaultCode.InvalidArguments, $"scope: {other} is none", "use session or tenant"),
    };
}
