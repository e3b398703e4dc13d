using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

public sealed class ShellWorkerTests : IDisposable
{
    private const string Greet = """
        #!/usr/bin/env bash
        # Greets somebody.
        # @name greet
        # @param name {string} Who to greet.
        # @param [times=1] {integer} How often.
        for ((i = 0; i < ${ARG_times:-1}; i++)); do echo "Hello, $ARG_name"; done
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("toolrt-shell-").FullName;

    public ShellWorkerTests() => File.SetUnixFileMode(_root, (UnixFileMode)0x1FF);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task TheHeaderGivesTheTool()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await StartAsync(agent, Greet, inspect: true);

        var tool = (await worker.ReadAsync(WorkerFrameType.Loaded)).GetProperty("tools")[0];

        Assert.Equal(("greet", "Greets somebody."), (tool.GetProperty("name").GetString(), tool.GetProperty("description").GetString()));
        Assert.Equal(
            """{"type":"object","properties":{"name":{"type":"string","description":"Who to greet."},"times":{"type":"integer","description":"How often.","default":1}},"required":["name"],"additionalProperties":false}""",
            tool.GetProperty("inputSchema").GetRawText());
    }

    [Theory]
    [InlineData("echo hi", 1, "no description")]
    [InlineData("# Does.\n# @param x {strnig} It.\n", 2, "no type")]
    [InlineData("# Does.\n# @frob x\n", 2, "@frob")]
    [InlineData("# Does.\nif true; then\n", 3, "bash does not accept")]
    public async Task WhatIsNoToolIsRefusedWithItsLine(string script, int line, string why)
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await StartAsync(agent, script, inspect: true);

        var failed = await worker.ReadAsync(WorkerFrameType.LoadFailed);

        Assert.Equal(line, failed.GetProperty("line").GetInt32());
        Assert.Contains(why, failed.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ArgumentsComeInAndTextComesOut()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, Greet);

        await worker.CallAsync(1, """{"name":"it's \"me\" $HOME","times":2}""");

        Assert.Equal("Hello, it's \"me\" $HOME\nHello, it's \"me\" $HOME", (await worker.ReadAsync(WorkerFrameType.Result)).GetProperty("value").GetString());
    }

    [Fact]
    public async Task StandardInputHoldsTheArgumentsAndReturnsMakesJson()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, "# Echoes.\n# @returns {object} The arguments.\ncat\n");
        var large = new string('x', 300_000);

        await worker.CallAsync(1, $$"""{"large":"{{large}}"}""");

        Assert.Equal(large, (await worker.ReadAsync(WorkerFrameType.Result)).GetProperty("value").GetProperty("large").GetString());
    }

    [Fact]
    public async Task AFailureTellsTheLastLineOfStandardError()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, "# Fails.\necho first >&2\necho 'no such thing' >&2\nexit 3\n");

        await worker.CallAsync(1, "{}");

        Assert.Contains("first", (await worker.ReadAsync(WorkerFrameType.Log)).GetProperty("text").GetString(), StringComparison.Ordinal);
        var error = await worker.ReadAsync(WorkerFrameType.Error);
        Assert.Equal(("FunctionThrew", "no such thing"), (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task CancellingEndsTheScriptEvenWhenItIgnoresTheSignal()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, "# Hangs.\ntrap '' TERM\nctx emit started\nwhile :; do sleep 1000; done\n");
        await worker.CallAsync(1, "{}");
        await worker.ReadAsync(WorkerFrameType.Output);

        await worker.SendAsync(WorkerFrameType.Cancel, 1, """{"reason":"deadline"}"""u8.ToArray());

        Assert.Equal("DeadlineExceeded", (await worker.ReadAsync(WorkerFrameType.Error)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task ContextReachesTheHostAndBack()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, """
            # Uses everything.
            ctx progress 0.5 1 "half way"
            ctx log info "a line"
            ctx checkpoint '{"at":1}'
            echo "sum $(ctx call add '{"a":1}')"
            ctx call broken || echo refused
            """);
        await worker.CallAsync(7, "{}");

        Assert.Equal("half way", (await worker.ReadAsync(WorkerFrameType.Progress)).GetProperty("message").GetString());
        Assert.Equal("a line", (await worker.ReadAsync(WorkerFrameType.Log)).GetProperty("text").GetString());
        Assert.Equal(1, (await worker.ReadAsync(WorkerFrameType.Checkpoint)).GetProperty("state").GetProperty("at").GetInt32());
        var asked = await worker.ReadAsync(WorkerFrameType.HostCall);
        Assert.Equal(("tools.call", "add"), (asked.GetProperty("method").GetString(), asked.GetProperty("params").GetProperty("name").GetString()));
        await worker.SendAsync(WorkerFrameType.HostReply, 7, JsonSerializer.SerializeToUtf8Bytes(new { id = asked.GetProperty("id"), result = new { value = 3 } }));
        var again = await worker.ReadAsync(WorkerFrameType.HostCall);
        await worker.SendAsync(WorkerFrameType.HostReply, 7, JsonSerializer.SerializeToUtf8Bytes(new { id = again.GetProperty("id"), fault = new { code = "ToolNotFound", message = "no" } }));

        Assert.Equal("sum 3\nrefused", (await worker.ReadAsync(WorkerFrameType.Result)).GetProperty("value").GetString());
    }

    [Fact]
    public async Task AStepThatIsKeptIsNotDoneAgain()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, """
            # Does steps.
            ctx step first -- printf 'one\n"two"'
            ctx step second -- sh -c 'echo never; exit 9'
            ctx step third -- echo three
            ctx step fourth -- sh -c 'exit 9' || echo "failed $?"
            """);
        await worker.CallAsync(7, "{}");

        await AnswerAsync(worker, "step.begin", """{"name":"first"}""", """{"run":true}""");
        await AnswerAsync(worker, "step.finish", """{"name":"first","value":"one\n\u0022two\u0022"}""", """{"value":"one\n\"two\""}""");
        await AnswerAsync(worker, "step.begin", """{"name":"second"}""", """{"value":"kept"}""");
        await AnswerAsync(worker, "step.begin", """{"name":"third"}""", """{"run":true}""");
        await AnswerAsync(worker, "step.finish", """{"name":"third","value":"three"}""", """{"value":"another was first"}""");
        await AnswerAsync(worker, "step.begin", """{"name":"fourth"}""", """{"run":true}""");
        await AnswerAsync(worker, "step.leave", """{"name":"fourth"}""", "{}");

        Assert.Equal("one\n\"two\"\nkept\nanother was first\nfailed 9", (await worker.ReadAsync(WorkerFrameType.Result)).GetProperty("value").GetString());
    }

    [Fact]
    public async Task StateAndMailboxesAreAskedInWords()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, """
            # Remembers.
            ctx state get a || echo missing
            ctx state --tenant put b/c '{"x":1}' --ttl 5 --if-revision 0
            ctx state put b 1 --if-revision 7 || echo refused
            ctx state list b
            ctx mailbox send to '[1]' --key k
            ctx mailbox receive me --max 2 --wait 1.5 | tr a-z A-Z
            ctx mailbox request to '"hi"' --timeout 3
            """);
        await worker.CallAsync(7, "{}");

        await AnswerAsync(worker, "state.get", """{"scope":"session","key":"a"}""", """{"revision":0}""");
        await AnswerAsync(worker, "state.put", """{"scope":"tenant","key":"b/c","ttl":5,"ifRevision":0,"value":{"x":1}}""", """{"revision":4}""");
        await AnswerAsync(worker, "state.put", """{"scope":"session","key":"b","ifRevision":7,"value":1}""", """{"conflict":true,"revision":9}""");
        await AnswerAsync(worker, "state.list", """{"scope":"session","prefix":"b"}""", """{"keys":[{"key":"b","revision":9},{"key":"bc","revision":3}]}""");
        await AnswerAsync(worker, "mailbox.send", """{"to":"to","key":"k","body":[1]}""", """{"id":"5"}""");
        await AnswerAsync(worker, "mailbox.receive", """{"name":"me","max":2,"wait":1.5}""", """{"messages":[{"id":"m"}]}""");
        await AnswerAsync(worker, "mailbox.request", """{"to":"to","key":null,"body":"hi","timeout":3}""", """{"body":"ho"}""");

        Assert.Equal("missing\n4\nrefused\nb\nbc\n5\n[{\"ID\":\"M\"}]\nho", (await worker.ReadAsync(WorkerFrameType.Result)).GetProperty("value").GetString());
    }

    [Fact]
    public async Task ACheckpointOfFiftyMegabytesGoes()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, """
            # Keeps much.
            ctx checkpoint "\"$(head -c 8388608 /dev/zero | tr '\0' a)\""
            ctx checkpoint "\"$(head -c 52428800 /dev/zero | tr '\0' b)\""
            """);
        await worker.CallAsync(7, "{}");

        Assert.Equal(8388608, (await worker.ReadAsync(WorkerFrameType.Checkpoint)).GetProperty("state").GetString()!.Length);
        var state = (await worker.ReadAsync(WorkerFrameType.Checkpoint)).GetProperty("state").GetRawText();
        Assert.Equal((52428802, new string('b', 52428800)), (state.Length, state.Trim('"')));
        await worker.ReadAsync(WorkerFrameType.Result);
    }

    [Fact]
    public async Task TooMuchOutputIsRefused()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var worker = await LoadedAsync(agent, "# Prints.\nyes\n");

        await worker.CallAsync(1, "{}");

        Assert.Equal("OutputTooLarge", (await worker.ReadAsync(WorkerFrameType.Error)).GetProperty("code").GetString());
    }

    private static async Task AnswerAsync(Worker worker, string method, string parameters, string result)
    {
        var asked = await worker.ReadAsync(WorkerFrameType.HostCall);
        Assert.Equal((method, parameters), (asked.GetProperty("method").GetString(), asked.GetProperty("params").GetRawText()));
        await worker.SendAsync(WorkerFrameType.HostReply, 7, Encoding.UTF8.GetBytes($$"""{"id":{{asked.GetProperty("id").GetRawText()}},"result":{{result}}}"""));
    }

    private async Task<Worker> LoadedAsync(AgentOnHost agent, string script)
    {
        var worker = await StartAsync(agent, script, inspect: false);
        await worker.ReadAsync(WorkerFrameType.Loaded);
        return worker;
    }

    private async Task<Worker> StartAsync(AgentOnHost agent, string script, bool inspect)
    {
        await File.WriteAllTextAsync(Path.Combine(_root, "tool.sh"), script);
        await agent.Client.StartWorkerAsync(new ProcessSpec { Id = "w", Arguments = [PublishedAgent.Path, "worker", "shell"], WorkingDirectory = "/tmp" }, AgentOnHost.Within());
        var worker = new Worker(await agent.Client.OpenWorkerAsync("w", AgentOnHost.Within()));
        Assert.Equal("shell", (await worker.ReadAsync(WorkerFrameType.Ready)).GetProperty("language").GetString());
        await worker.SendAsync(WorkerFrameType.Load, 0, JsonSerializer.SerializeToUtf8Bytes(
            new { root = _root, entry = "tool.sh", language = "shell", environment = new { A = "b" }, concurrency = 4, outputBytes = 1_000_000, inspect }));
        return worker;
    }

    private sealed class Worker(Stream stream) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => stream.DisposeAsync();

        internal async Task SendAsync(WorkerFrameType type, uint call, byte[] payload)
        {
            var frame = new byte[WorkerFrameHeader.Size + payload.Length];
            new WorkerFrameHeader(type, call, payload.Length).Write(frame);
            payload.CopyTo(frame, WorkerFrameHeader.Size);
            await stream.WriteAsync(frame, AgentOnHost.Within());
        }

        internal Task CallAsync(uint call, string arguments)
        {
            var head = """{"entry":"tool.sh","tool":"t","stream":false}"""u8;
            var payload = new byte[4 + head.Length + Encoding.UTF8.GetByteCount(arguments)];
            BinaryPrimitives.WriteInt32LittleEndian(payload, head.Length);
            head.CopyTo(payload.AsSpan(4));
            Encoding.UTF8.GetBytes(arguments, payload.AsSpan(4 + head.Length));
            return SendAsync(WorkerFrameType.Call, call, payload);
        }

        internal async Task<JsonElement> ReadAsync(WorkerFrameType expected)
        {
            var header = new byte[WorkerFrameHeader.Size];
            await stream.ReadExactlyAsync(header, AgentOnHost.Within());
            var frame = WorkerFrameHeader.Read(header);
            var payload = new byte[frame.PayloadLength];
            await stream.ReadExactlyAsync(payload, AgentOnHost.Within());
            if (frame.Type == WorkerFrameType.Log && expected != WorkerFrameType.Log)
            {
                return await ReadAsync(expected);
            }

            Assert.True(frame.Type == expected, $"{frame.Type}: {Encoding.UTF8.GetString(payload)}");
            return JsonDocument.Parse(payload).RootElement;
        }
    }
}
