using System.Text;
using System.Text.Json;

using ToolRuntime.E2b.Interpreter;
using ToolRuntime.Gateway.SandboxTools;

namespace ToolRuntime.Tests.Unit.Gateway.SandboxTools;

/// <summary>Results of code as MCP clients get them.</summary>
public sealed class CodeResultTests
{
    private static readonly KernelContext s_context = new("python.default", "python", "/home/user");

    [Fact]
    public void ResultsBecomeBlocksOfTheirKind()
    {
        var answer = Of(
            """{"type":"stdout","text":"hi\n"}""",
            """{"type":"result","is_main_result":true,"text":"<df>","html":"<table/>","png":"AAAA"}""",
            """{"type":"number_of_executions","execution_count":3}""");
        var blocks = answer.GetProperty("content").EnumerateArray().ToList();
        Assert.Equal("hi\n", blocks[0].GetProperty("text").GetString());
        Assert.Equal(("image", "image/png"), (blocks[1].GetProperty("type").GetString(), blocks[1].GetProperty("mimeType").GetString()));
        Assert.Equal("text/html", blocks[2].GetProperty("resource").GetProperty("mimeType").GetString());
        var value = answer.GetProperty("value");
        Assert.Equal("<df>", value.GetProperty("results")[0].GetProperty("text").GetString());
        Assert.False(value.GetProperty("results")[0].TryGetProperty("png", out _));
        Assert.Equal(3, value.GetProperty("executionCount").GetInt32());
        Assert.False(answer.TryGetProperty("isError", out _));
    }

    [Fact]
    public void AnErrorIsOneForTheModel()
    {
        var answer = Of("""{"type":"error","name":"ValueError","value":"no","traceback":"Traceback…\nValueError: no"}""");
        Assert.True(answer.GetProperty("isError").GetBoolean());
        Assert.Contains("Traceback", answer.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("ValueError", answer.GetProperty("value").GetProperty("error").GetProperty("name").GetString());
    }

    [Fact]
    public void NothingIsSaidToBeNothing() => Assert.Equal("(no output)", Of().GetProperty("content")[0].GetProperty("text").GetString());

    [Fact]
    public void LongOutputKeepsItsBeginningAndItsEnd()
    {
        var text = new BoundedText();
        for (var i = 0; i < 10_000; i++)
        {
            text.Add(Encoding.UTF8.GetBytes($"line {i} of output\n"));
        }

        var kept = text.ToString();
        Assert.InRange(kept.Length, 100_000, 200_000);
        Assert.StartsWith("line 0 of output\n", kept, StringComparison.Ordinal);
        Assert.EndsWith("line 9999 of output\n", kept, StringComparison.Ordinal);
        Assert.Contains("characters left out", kept, StringComparison.Ordinal);
    }

    [Fact]
    public void ACharacterMayComeInTwoPieces()
    {
        var text = new BoundedText();
        var bytes = Encoding.UTF8.GetBytes("ü");
        Assert.Equal("", text.Add(bytes.AsSpan(0, 1)));
        Assert.Equal("ü", text.Add(bytes.AsSpan(1)));
    }

    private static JsonElement Of(params string[] events)
    {
        var result = new CodeResult();
        foreach (var happened in events)
        {
            result.Take(Encoding.UTF8.GetBytes(happened));
        }

        return JsonElement.Parse(result.Write("s", s_context).Span);
    }
}
