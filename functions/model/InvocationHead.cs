namespace ToolRuntime.Functions;

/// <summary>An invocation without its arguments, as it is written to the wire.</summary>
internal sealed record InvocationHead(
    string Id,
    string Session,
    bool SessionIsExplicit,
    Caller Caller,
    InvocationTarget Target,
    InvocationTimes Times,
    string? ArgumentsReference,
    int Options,
    RetryPolicy Retry,
    InvocationOrigin Origin,
    string Decision)
{
    public static InvocationHead From(Invocation i) => new(
        i.Id,
        i.Session,
        i.SessionIsExplicit,
        i.Caller,
        new InvocationTarget(i.Pool, i.Function, i.Version, i.Tool),
        new InvocationTimes(i.AcceptedAt, i.Deadline),
        i.ArgumentsReference,
        (int)i.Options,
        i.Retry,
        new InvocationOrigin(i.Parent, i.Chain, i.TraceParent, i.TraceState),
        i.Decision);

    public Invocation ToInvocation(ReadOnlyMemory<byte> arguments) => new()
    {
        Id = Id,
        Session = Session,
        SessionIsExplicit = SessionIsExplicit,
        Caller = Caller,
        Pool = Target.Pool,
        Function = Target.Function,
        Version = Target.Version,
        Tool = Target.Tool,
        Arguments = arguments,
        ArgumentsReference = ArgumentsReference,
        AcceptedAt = Times.AcceptedAt,
        Deadline = Times.Deadline,
        Options = (InvocationOptions)Options,
        Retry = Retry,
        Parent = Origin.Parent,
        Chain = Origin.Chain,
        TraceParent = Origin.TraceParent,
        TraceState = Origin.TraceState,
        Decision = Decision,
    };
}
