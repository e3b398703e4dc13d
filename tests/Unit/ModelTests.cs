using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Unit;

public sealed class ModelTests
{
    [Fact]
    public void AnInvocationSurvivesTheWireWithItsArgumentsUntouched()
    {
        var now = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var sent = new Invocation
        {
            Id = Ids.New(),
            Session = Ids.New(),
            Caller = Caller.Local,
            Pool = "base",
            Function = "add",
            Version = "d1",
            Tool = "add",
            Arguments = Encoding.UTF8.GetBytes("""{ "a" : 1e2 }"""),
            AcceptedAt = now,
            Deadline = now.AddSeconds(5),
            Chain = ["outer"],
        };

        var read = InvocationCodec.Decode(InvocationCodec.Encode(sent));

        Assert.Equal(sent with { Arguments = default, Chain = [] }, read with { Arguments = default, Chain = [] });
        Assert.Equal("""{ "a" : 1e2 }""", Encoding.UTF8.GetString(read.Arguments.Span));
        Assert.Equal(["outer"], read.Chain);
    }

    /// <summary>Names stand in subjects, keys and paths: nothing may come after their last character.</summary>
    [Fact]
    public void NoNameEndsWithANewLine()
    {
        Assert.True(Names.IsFunction("a") && Names.IsTool("a") && Names.IsTenant("a") && Names.IsSecret("a") && Names.IsCallerSecret("a"));
        Assert.False(Names.IsFunction("a\n") || Names.IsTool("a\n") || Names.IsTenant("a\n") || Names.IsSecret("a\n") || Names.IsCallerSecret("a\n"));
    }
}
