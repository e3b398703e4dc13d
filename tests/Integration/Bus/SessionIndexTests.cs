using ToolRuntime.Bus;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

public sealed class SessionIndexTests(BusServer server)
{
    [Fact]
    public async Task ASessionListsItsCallsWithTheirState()
    {
        await using var runtime = await server.ConnectAsync();
        await using var reader = await server.ConnectAsync();
        var session = Ids.New();
        var (done, failed, missed, running, other) = (Call(session), Call(session), Call(session), Call(session), Call(Ids.New()));
        foreach (var call in new[] { done, failed, missed, running, other })
        {
            runtime.Index.Started(call);
        }

        runtime.Index.Ended(done, null);
        runtime.Index.Ended(failed, FaultCode.FunctionThrew);
        runtime.Index.Started(done);
        runtime.Index.Ended(done, FaultCode.RuntimeLost);
        var writer = await runtime.Topics.OpenWriterAsync(TopicKey.Of(missed), 1, BusServer.Deadline());
        await writer.EmitAsync(new InvocationEvent(EventKind.Completed, "{}"u8.ToArray()), BusServer.Deadline());

        var listed = await reader.Index.ListAsync("local", session, BusServer.Deadline());

        Assert.Equal([done.Id, failed.Id, missed.Id, running.Id], listed.Select(c => c.Invocation));
        Assert.Equal([SessionCallState.Completed, SessionCallState.Failed, SessionCallState.Completed, SessionCallState.Running], listed.Select(c => c.State));
        Assert.Equal([null, FaultCode.FunctionThrew, null, null], listed.Select(c => c.Fault));
        Assert.Equal([true, true, false, false], listed.Select(c => c.EndedAt is not null));
        Assert.All(listed, c => Assert.Equal("add", c.Tool));
    }

    [Fact]
    public async Task ACallWithoutASessionHasNoEntry()
    {
        await using var bus = await server.ConnectAsync();
        var call = BusServer.NewInvocation();
        bus.Index.Started(call);
        bus.Index.Ended(call, null);
        // A round trip behind them: the server has read all that was written before.
        await bus.Catalog.GetRecordAsync("local", "none", BusServer.Deadline());

        Assert.Empty(await bus.Index.ListAsync("local", call.Session, BusServer.Deadline()));
    }

    private static Invocation Call(string session) => BusServer.NewInvocation() with { Session = session, SessionIsExplicit = true };
}
