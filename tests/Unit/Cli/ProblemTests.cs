using ToolRuntime.Cli.Instances;

namespace ToolRuntime.Tests.Unit.Cli;

/// <summary>Refusals of a server as a command tells them.</summary>
public sealed class ProblemTests
{
    private const string Needed = """{"title":"Unauthorized","status":401,"detail":"the management API needs its token"}""";

    [Fact]
    public void WhoHasNoTokenIsToldWhereItIsAndHowItIsGiven()
    {
        var hint = Problem.Read(Needed, 401).Hint;
        Assert.Contains("admin.token", hint, StringComparison.Ordinal);
        Assert.Contains("toolrt status", hint, StringComparison.Ordinal);
        Assert.Contains("--key-file", hint, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherRefusalKeepsItsOwnHintOrNone()
    {
        Assert.Equal("do this", Problem.Read("""{"detail":"no","hint":"do this"}""", 401).Hint);
        Assert.Null(Problem.Read("""{"detail":"no"}""", 403).Hint);
    }
}
