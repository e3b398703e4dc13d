using ToolRuntime.Functions;
using ToolRuntime.Gateway.Routing;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>Tools that call tools, as the gateway sees them: bounds, and what a child has of its parent.</summary>
public sealed class ChildCallTests
{
    [Theory]
    [InlineData(ChildCall.MaximumDepth - 1, null)]
    [InlineData(ChildCall.MaximumDepth, FaultCode.CallTooDeep)]
    public void CallsNestEightDeep(int above, FaultCode? code)
    {
        var refused = ChildCalls.Refuse(Child("leaf", [.. Enumerable.Range(1, above).Select(i => $"t{i}")]));

        Assert.Equal(code, refused?.Code);
        Assert.True(refused is null || refused.Message.StartsWith("t1 -> t2 -> ", StringComparison.Ordinal), refused?.Message);
    }

    [Fact]
    public void ACycleIsRefusedWithItsChain()
    {
        var refused = ChildCalls.Refuse(Child("b", ["a", "b", "c"]));

        Assert.Equal(FaultCode.CallCycle, refused!.Code);
        Assert.StartsWith("a -> b -> c -> b: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AChildIsItsParentsInCallerDeadlineAndTrace()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        Invocation? seen = null;
        await gateway.DeployAsync("leaf", call =>
        {
            seen = call.Invocation;
            return Task.FromResult("""{"value":7}""");
        });
        var child = Child("leaf", ["outer"]) with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

        var answer = await AskAsync(gateway, child);

        Assert.Equal("""{"value":7}""", System.Text.Encoding.UTF8.GetString(answer.Span));
        Assert.Equal((child.Id, child.Parent, child.Session, child.Caller, child.TraceParent), (seen!.Id, seen.Parent, seen.Session, seen.Caller, seen.TraceParent));
        Assert.Equal(child.Chain, seen.Chain);
        Assert.Equal(child.Deadline.ToUnixTimeMilliseconds(), seen.Deadline.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task MoreChildrenAtOnceThanAreAllowedAreRefusedWithTheChain()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await gateway.DeployAsync("leaf", async _ =>
        {
            await release.Task;
            return """{"value":7}""";
        });
        var first = Child("leaf", ["outer"]);
        var all = Enumerable.Range(0, ChildCall.MaximumInFlight + 1).Select(_ => AskAsync(gateway, first with { Id = Ids.New() })).ToList();

        // None of the others ends before the refusal.
        var one = await Task.WhenAny(all);
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => one);
        release.SetResult();
        await Task.WhenAll(all.Where(task => task != one));

        Assert.Equal(FaultCode.QuotaExceeded, refused.Fault.Code);
        Assert.Contains("outer -> leaf", refused.Message, StringComparison.Ordinal);
    }

    private static Task<ReadOnlyMemory<byte>> AskAsync(GatewayInstance gateway, ChildCall child) =>
        gateway.Bus.Requests.RequestAsync(ChildCall.RequestName, child.Encode(), BusServer.Deadline()).AsTask();

    private static ChildCall Child(string tool, string[] chain) => new()
    {
        Id = Ids.New(),
        Parent = Ids.New(),
        Session = Ids.New(),
        Caller = Caller.Local,
        Chain = chain,
        Deadline = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds()),
        Tool = tool,
        Arguments = "{}"u8.ToArray(),
    };
}
