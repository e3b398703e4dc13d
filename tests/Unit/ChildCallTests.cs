using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Unit;

public sealed class ChildCallTests
{
    [Fact]
    public void AChildCallSurvivesTheWireWithItsArgumentsUntouched()
    {
        var sent = new ChildCall
        {
            Id = Ids.New(),
            Parent = Ids.New(),
            Session = Ids.New(),
            SessionIsExplicit = true,
            Caller = Caller.Local,
            Chain = ["outer", "middle"],
            Deadline = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
            TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            Tool = "add",
            Arguments = "{ \"a\": 1.0 }"u8.ToArray(),
        };
        var got = ChildCall.Decode(sent.Encode());
        Assert.Equal(sent.Chain, got.Chain);
        Assert.Equal("{ \"a\": 1.0 }", Encoding.UTF8.GetString(got.Arguments.Span));
        Assert.Equal(sent, got with { Chain = sent.Chain, Arguments = sent.Arguments });
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000")]
    [InlineData("FFFFFF7F7B7D")]
    [InlineData("020000007B7D")]
    public void WrongBytesAreRefused(string hex) =>
        Assert.Throws<InvalidDataException>(() => ChildCall.Decode(Convert.FromHexString(hex)));
}
