using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Unit.Agent;

/// <summary>Requests, replies and process frames over any stream.</summary>
public sealed class ExchangeTests
{
    [Fact]
    public async Task TheRequestGoesOutAndTheReplyComesIn()
    {
        await using var stream = new Scripted(Reply(new AgentReply { Ok = true, Pid = 7 }));

        var reply = await AgentExchange.OpenAsync(stream, new AgentRequest { Op = AgentOperation.Attach, Tag = "t", Keep = false }, CancellationToken.None);

        Assert.Equal(7, reply.Pid);
        Assert.Equal("""{"op":"attach","tag":"t","keep":false}""", Encoding.UTF8.GetString(stream.Written.ToArray()[4..]));
    }

    [Fact]
    public async Task ARefusalHasItsCode()
    {
        await using var stream = new Scripted(Reply(new AgentReply { Code = AgentErrorCode.NoSpace, Message = "full" }));

        var refused = await Assert.ThrowsAsync<AgentException>(async () => await AgentExchange.OpenAsync(stream, new AgentRequest { Op = AgentOperation.FileWrite }, CancellationToken.None));

        Assert.Equal((AgentErrorCode.NoSpace, "fs.write: full"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task AListInPartsIsOneList()
    {
        AgentFile[] files = [.. Enumerable.Range(0, 5).Select(i => new AgentFile($"f{i}", "file", 0, 0, 0, 0, 0))];
        await using var stream = new Scripted(
            [.. Reply(new AgentReply { Ok = true, Entries = files[..2], More = true }), .. Reply(new AgentReply { Ok = true, Entries = files[2..], Truncated = true })]);

        var list = await AgentExchange.ListAsync(stream, new AgentRequest { Op = AgentOperation.FileList }, CancellationToken.None);

        Assert.Equal(files, list.Entries);
        Assert.True(list is { More: false, Truncated: true });
    }

    [Fact]
    public async Task AListWithoutEndIsRefused()
    {
        var part = Reply(new AgentReply { Ok = true, Entries = [], More = true });
        await using var stream = new Scripted([.. part, .. part]);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await AgentExchange.ListAsync(stream, new AgentRequest { Op = AgentOperation.FileList }, CancellationToken.None));
    }

    [Fact]
    public async Task AProcessIsStreamedOverAnyStream()
    {
        await using var stream = new Scripted([.. Reply(new AgentReply { Ok = true, Pid = 9, Id = "p1" }), 16, 2, 0, 0, 0, (byte)'h', (byte)'i', 18, 8, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);

        await using var process = await AgentProcess.OpenAsync(stream, new AgentRequest { Op = AgentOperation.Spawn, Argv = ["x"] }, CancellationToken.None);
        var output = new StringBuilder();
        while (await process.ReadAsync(CancellationToken.None) is { } piece)
        {
            output.Append(Encoding.UTF8.GetString(piece.Data.Span));
        }

        Assert.Equal(("p1", 9, "hi", new ProcessExit(3, 0)), (process.Id, process.ProcessId, output.ToString(), process.Exit!.Value));
    }

    [Fact]
    public void WhateverAStreamHoldsIsReadOrRefused()
    {
        var bytes = Gen.OneOf(
            Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)),
            from text in Gen.Elements("""{"ok":true}""", """{"ok":tru""", "null", "[]", """{"op":"egress","kind":"socks","host":"a","port":70000}""", """{"type":1}""")
            from announced in Gen.Choose(0, 60)
            select (byte[])[(byte)announced, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)],
            Gen.Constant((byte[])[255, 255, 255, 255, 1]));
        Prop.ForAll(bytes.ToArbitrary(), content => Survives(content).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("connect", "example.org", 443, null, null, true)]
    [InlineData("socks", "::1", 1, null, null, true)]
    [InlineData("http", "10.0.0.1", 80, "GET", "/a?b=c", true)]
    [InlineData("http", "example.org", 80, null, null, false)]
    [InlineData("connect", "example.org", 443, "GET", "/", false)]
    [InlineData("connect", "exam\nple.org", 443, null, null, false)]
    [InlineData("connect", "", 443, null, null, false)]
    [InlineData("connect", "example.org", 0, null, null, false)]
    [InlineData("connect", "example.org", 65536, null, null, false)]
    [InlineData("ftp", "example.org", 21, null, null, false)]
    [InlineData("http", "example.org", 80, "GET", "/a b", false)]
    [InlineData("http", "example.org", 80, "GET\r\nX: y", "/", false)]
    public void WhatMayBeAskedForIsNarrow(string kind, string host, int port, string? method, string? path, bool valid) =>
        Assert.Equal(valid, new EgressRequest(AgentOperation.Egress, kind, host, port, method, path).IsValid);

    private static byte[] Reply(AgentReply reply) => MessageFraming.Encode(reply, AgentJson.Default.AgentReply);

    private static async Task<bool> Survives(byte[] content)
    {
        await Quiet(new Scripted(content), async stream => await AgentExchange.ReadReplyAsync(stream, "x", CancellationToken.None));
        await Quiet(new Scripted(content), async stream => await AgentExchange.ReadEventAsync(stream, CancellationToken.None));
        await Quiet(new Scripted(content), async stream => Assert.True((await AgentExchange.ReadEgressAsync(stream, CancellationToken.None)).IsValid));
        return true;
    }

    private static async Task Quiet(Scripted stream, Func<Stream, Task> read)
    {
        try
        {
            await read(stream);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or AgentException)
        {
            // The outcomes that a caller is promised.
        }
    }

    /// <summary>Gives its content a few bytes at a time and keeps what is written.</summary>
    private sealed class Scripted(byte[] content) : MemoryStream(content, writable: false)
    {
        internal MemoryStream Written { get; } = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(3, buffer.Length)], cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Written.WriteAsync(buffer, cancellationToken);
    }
}
