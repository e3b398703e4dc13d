using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>The shell worker as it runs: in a gVisor sandbox, deployed and called through the queue.</summary>
public sealed class ShellTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    [Fact]
    public async Task ArgumentsComeInAndJsonComesOut()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string code = "# Echoes.\n# @param word {string} A word.\n# @param [times=2] {integer} How often.\n# @returns {object} What came.\nprintf '{\"word\":\"%s\",\"all\":%s,\"user\":%s}' \"$ARG_word\" \"$(cat)\" \"$(id -u)\"\n";
        var version = await machine.DeployAsync("echoes.sh", code, null, deadline.Token);

        var value = (await machine.CallAsync(version, """{"word":"ß $HOME"}""", deadline.Token)).Value;

        Assert.Equal("""{"word":"ß $HOME","all":{"word":"ß $HOME"},"user":1000}""", value.GetRawText());
        Assert.Equal("""{"type":"string","description":"A word."}""", version.Tools[0].InputSchema.GetProperty("properties").GetProperty("word").GetRawText());
    }

    [Fact]
    public async Task ItStreamsAndAProgramThatItStartsSaysThingsToo()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string code = "# Says.\nctx progress 1 3 bash\npython3 -c 'import subprocess; subprocess.run([\"ctx\", \"progress\", \"2\", \"3\", \"python\"], check=True)'\nfind /dev/null -exec ctx progress 3 3 find ';'\nctx emit piece\necho done\n";
        var version = await machine.DeployAsync("says.sh", code, null, deadline.Token);

        var ended = await machine.CallAsync(version, "{}", deadline.Token, InvocationOptions.Stream);

        Assert.Equal("done", ended.Value.GetString());
        var said = ended.Events.Where(e => e.Kind == EventKind.Progress).Select(e => Encoding.UTF8.GetString(e.Data.Span));

        // A wait for a sandbox is told as progress too.
        Assert.Equal(
            ["""{"progress":1,"total":3,"message":"bash"}""", """{"progress":2,"total":3,"message":"python"}""", """{"progress":3,"total":3,"message":"find"}"""],
            said.Where(s => s.Contains("\"total\":3", StringComparison.Ordinal)));
        Assert.Contains(ended.Events, e => e.Kind == EventKind.Output && Encoding.UTF8.GetString(e.Data.Span).Contains("piece", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("echo 'no such thing' >&2; exit 3", FaultCode.FunctionThrew, "no such thing")]
    [InlineData("kill -9 $$", FaultCode.FunctionThrew, "signal 9")]
    [InlineData("yes", FaultCode.OutputTooLarge, "printed more than")]
    public async Task AFaultIsToldAndTheNextCallIsAnswered(string script, FaultCode code, string message)
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await DeployAsync(script, deadline.Token);

        var fault = (await machine.CallAsync(version, """{"bad":true}""", deadline.Token)).Fault;

        Assert.Equal(code, fault.Code);
        Assert.Contains(message, fault.Message + fault.Detail, StringComparison.Ordinal);
        Assert.Equal("well", (await machine.CallAsync(version, """{"bad":false}""", deadline.Token)).Value.GetString());
    }

    [Fact]
    public async Task AScriptThatDoesNotListenIsEndedAtItsDeadlineAndTheNextCallIsAnswered()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await DeployAsync("trap '' TERM; while :; do sleep 1000; done", deadline.Token);
        await machine.CallAsync(version, """{"bad":false}""", deadline.Token);

        var fault = (await machine.CallForAsync(version, """{"bad":true}""", TimeSpan.FromSeconds(6), deadline.Token)).Fault;

        Assert.Equal(FaultCode.DeadlineExceeded, fault.Code);
        Assert.Contains("did not end within 6 s", fault.Message, StringComparison.Ordinal);
        Assert.Equal("well", (await machine.CallAsync(version, """{"bad":false}""", deadline.Token)).Value.GetString());
    }

    private Task<FunctionVersion> DeployAsync(string script, CancellationToken cancellationToken) => machine.DeployAsync(
        "bad.sh", $"# Bad.\n# @param bad {{boolean}} Whether.\n[ \"$ARG_bad\" = true ] || {{ echo well; exit; }}\n{script}\n", null, cancellationToken);
}
