using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;

namespace ToolRuntime.Tests.Integration.CSharp;

/// <summary>Calls of one script.</summary>
public sealed class CallTests : IDisposable
{
    private const string Source = """
        public string Env() => Environment.GetEnvironmentVariable("GREETING")!;
        public void Print(int lines) { for (var i = 0; i < lines; i++) Console.WriteLine($"line {i}"); Console.Error.Write("end"); }
        public void Boom() =>
            throw new InvalidOperationException("bad thing");
        public double NotANumber() => double.NaN;
        public Content[] Both() => new[] { Content.Text("a"), Content.Image(new byte[] { 1 }) };
        public IEnumerable<int> Count(int to) { for (var i = 0; i < to; i++) yield return i; }
        public async Task Wait(CancellationToken cancellation) => await Task.Delay(-1, cancellation);
        public async Task Deaf() => await Task.Delay(-1);
        public async Task<string> Ask(Context context)
        {
            context.Progress(1, 2, "half");
            context.Log("note", "warning");
            context.Checkpoint(new { At = 3 });
            var sum = await context.Tools.CallAsync<int>("add", new { a = 1 });
            var form = await context.ElicitAsync<Form>("who?");
            return $"{sum} {form.Action} {form.Content?.Name} {context.Session} {context.PreviousCheckpoint}";
        }
        public record Form(string Name);
        static readonly SemaphoreSlim both = new(0);
        public async Task<bool> Meet(bool first) { if (first) return await both.WaitAsync(60000); both.Release(); return true; }
        """;

    private readonly WorkerOnHost _worker = WorkerOnHost.Start();

    public CallTests() => _worker.Tools(Source, outputBytes: 100);

    public void Dispose() => _worker.Dispose();

    [Theory]
    [InlineData("Env", "{}", """{"value":"hello"}""")]
    [InlineData("Both", "{}", """{"content":[{"type":"text","text":"a"},{"type":"image","data":"AQ==","mimeType":"image/png"}]}""")]
    [InlineData("Boom", "{}", """InvalidOperationException: bad thing (script.csx:4)""")]
    [InlineData("NotANumber", "{}", "the result of NotANumber is not JSON: it holds NaN or infinity")]
    [InlineData("Count", """{"to":"x"}""", """{"code":"InvalidArguments","message":"to: must be a whole number""")]
    [InlineData("None", "{}", "the script has no tool None")]
    public void ACallHasOneAnswer(string tool, string arguments, string expected)
    {
        var answer = Assert.Single(_worker.Talk.Run(tool, arguments)).Payload;
        Assert.Contains(expected, answer.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void PiecesComeBeforeTheirList()
    {
        var frames = _worker.Talk.Run("Count", """{"to":2}""");
        Assert.Equal(["""{"value":0}""", """{"value":1}""", """{"value":[0,1]}"""], frames.Select(f => f.Payload.GetRawText()));
    }

    [Fact]
    public void OutputIsOfItsCallAndEndsWithAMark()
    {
        var few = _worker.Talk.Run("Print", """{"lines":2}""");
        Assert.Equal("line 0\nline 1\n", Text(few, "stdout"));
        Assert.Equal("end", Text(few, "stderr"));
        var many = _worker.Talk.Run("Print", """{"lines":1000}""");
        Assert.Equal(100, Text(many, "stdout").Length);
        Assert.Equal("[output truncated after 100 bytes]", Text(many, "log"));
        Assert.Equal(WorkerFrameType.Result, many[^1].Type);
    }

    [Theory]
    [InlineData("Wait", "cancelled", "Cancelled")]
    [InlineData("Wait", "deadline", "DeadlineExceeded")]
    [InlineData("Deaf", "cancelled", "Cancelled")]
    public void ACancelledCallIsAnswered(string tool, string reason, string code)
    {
        var call = _worker.Talk.Start(tool, "{}");
        _worker.Talk.Send(WorkerFrameType.Cancel, call, new { reason });
        var (type, number, payload) = _worker.Talk.Next();
        Assert.Equal((WorkerFrameType.Error, call), (type, number));
        Assert.Equal(code, payload.GetProperty("code").GetString());
    }

    [Fact]
    public void ItsOwnDeadlineEndsACall()
    {
        _worker.Talk.Start("Wait", "{}", new { entry = "Wait", tool = "Wait", deadlineMs = 20 });
        Assert.Equal("DeadlineExceeded", _worker.Talk.Next().Payload.GetProperty("code").GetString());
    }

    [Fact]
    public void TheContextReachesTheHost()
    {
        var call = _worker.Talk.Start("Ask", "{}", new { entry = "Ask", tool = "Ask", session = "s9", checkpoint = new { at = 2 }, stream = true });
        Assert.Equal("""{"progress":1,"total":2,"message":"half"}""", _worker.Talk.Next().Payload.GetRawText());
        Assert.Equal("""{"stream":"log","level":"warning","text":"note"}""", _worker.Talk.Next().Payload.GetRawText());
        Assert.Equal("""{"state":{"at":3}}""", _worker.Talk.Next().Payload.GetRawText());
        var ask = _worker.Talk.Next().Payload;
        Assert.Equal("""{"name":"add","arguments":{"a":1}}""", ask.GetProperty("params").GetRawText());
        _worker.Talk.Send(WorkerFrameType.HostReply, call, new { id = ask.GetProperty("id").GetInt64(), result = new { value = 7 } });
        var form = _worker.Talk.Next().Payload;
        Assert.Equal("elicit", form.GetProperty("method").GetString());
        Assert.Equal("object", form.GetProperty("params").GetProperty("requestedSchema").GetProperty("type").GetString());
        _worker.Talk.Send(WorkerFrameType.HostReply, call, new { id = form.GetProperty("id").GetInt64(), result = new { action = "accept", content = new { name = "me" } } });
        Assert.Equal("""7 accept me s9 {"at":2}""", _worker.Talk.Next().Payload.GetProperty("value").GetString());
    }

    [Fact]
    public void CallsRunAtOnce()
    {
        var first = _worker.Talk.Start("Meet", """{"first":true}""");
        var second = _worker.Talk.Start("Meet", """{"first":false}""");
        var answers = new[] { _worker.Talk.Next(), _worker.Talk.Next() };
        Assert.Equal([first, second], answers.Select(a => a.Call).Order());
        Assert.All(answers, a => Assert.True(a.Payload.GetProperty("value").GetBoolean()));
    }

    private static string Text(List<(WorkerFrameType Type, JsonElement Payload)> frames, string stream) => string.Concat(frames
        .Where(f => f.Type == WorkerFrameType.Log && f.Payload.GetProperty("stream").GetString() == stream).Select(f => f.Payload.GetProperty("text").GetString()));
}
