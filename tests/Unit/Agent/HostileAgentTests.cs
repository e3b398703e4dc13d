using System.IO.Pipes;
using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Unit.Agent;

/// <summary>An agent that sends what it likes: the channel ends with a reason, or goes on; nothing hangs, nothing escapes.</summary>
public sealed class HostileAgentTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public void WhateverAnAgentSendsEndsOnlyItsChannel()
    {
        var streams = from count in Gen.Choose(0, 20)
                      from frames in Gen.ArrayOf(Frame(), count)
                      select frames.SelectMany(frame => frame).ToArray();
        Prop.ForAll(streams.ToArbitrary(), bytes => SurvivesAsync(bytes).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AFrameIsReadHoweverItIsCut()
    {
        var cases = from type in Gen.Choose(0, 1)
                    from length in Gen.Choose(0, 300)
                    from cut in Gen.Choose(1, 40)
                    select (new YamuxHeader((YamuxType)type, YamuxFlags.Fin, 7, (uint)length), cut);
        Prop.ForAll(cases.ToArbitrary(), each =>
        {
            var (header, cut) = each;
            var bytes = new byte[YamuxHeader.Size + (header.Type == YamuxType.Data ? header.Length : 0)];
            header.Write(bytes);
            var seen = new Seen();
            var parser = new YamuxParser(seen);
            foreach (var piece in bytes.Chunk(cut))
            {
                Assert.Equal(piece.Length, parser.Feed(piece));
            }

            return seen.Headers == 1 && seen.Ends == 1 && seen.Data == bytes.Length - YamuxHeader.Size && seen.Last == header;
        }).QuickCheckThrowOnFailure();
    }

    private static Gen<byte[]> Frame() => Gen.OneOf(
        Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)),
        from type in Gen.Choose(0, 4)
        from flags in Gen.Choose(0, 31)
        from stream in Gen.Elements(0u, 1u, 2u, 3u, 4u, 5u, 6u, uint.MaxValue)
        from length in Gen.Elements(0u, 1u, 8u, 300u, 262_145u, uint.MaxValue)
        from fill in Gen.Choose(0, 255)
        select Bytes(new YamuxHeader((YamuxType)type, (YamuxFlags)flags, stream, length), (byte)fill),
        from stream in Gen.Elements(2u, 4u, 6u)
        from text in Gen.Elements("""{"op":"egress","kind":"socks","host":"a","port":1}""", """{"op":"egress","kind":"socks"}""", "{", "null")
        from cut in Gen.Choose(0, 60)
        select Opening(stream, text, cut));

    /// <summary>The opening of a stream by the agent, with what it asks for, or a part of that.</summary>
    private static byte[] Opening(uint stream, string text, int cut)
    {
        byte[] message = [(byte)text.Length, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];
        message = message[..Math.Min(cut, message.Length)];
        var frame = new byte[YamuxHeader.Size + message.Length];
        new YamuxHeader(YamuxType.Data, YamuxFlags.Syn, stream, (uint)message.Length).Write(frame);
        message.CopyTo(frame, YamuxHeader.Size);
        return frame;
    }

    private static byte[] Bytes(YamuxHeader header, byte fill)
    {
        var bytes = new byte[YamuxHeader.Size + Math.Min(header.Length, 400)];
        bytes.AsSpan().Fill(fill);
        header.Write(bytes);
        return bytes;
    }

    private static async Task<bool> SurvivesAsync(byte[] bytes)
    {
        using var agentOut = new AnonymousPipeServerStream(PipeDirection.Out);
        using var toHost = new AnonymousPipeClientStream(PipeDirection.In, agentOut.ClientSafePipeHandle);
        using var deadline = new CancellationTokenSource(s_deadline);
        var welcome = new byte[Welcome.Length];
        new Welcome(1, 1).Write(welcome);
        await agentOut.WriteAsync(welcome, deadline.Token);

        await using var client = await AgentClient.ConnectAsync(toHost, Stream.Null, 1, TimeProvider.System, deadline.Token);
        client.OnOpened = async (request, stream, token) =>
        {
            Assert.True(request.IsValid);
            await AgentExchange.ReplyAsync(stream, AgentReply.Done, token);
            await stream.CopyToAsync(Stream.Null, token);
        };
        var asked = client.GetStatsAsync(deadline.Token).AsTask();
        var opened = client.OpenWorkerAsync("w", deadline.Token).AsTask();
        await agentOut.WriteAsync(bytes, deadline.Token);
        agentOut.Dispose();

        await client.Closed.WaitAsync(deadline.Token);
        await Task.WhenAll(Quiet(asked), Quiet(opened)).WaitAsync(deadline.Token);
        return true;
    }

    private static async Task Quiet(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or AgentException)
        {
            // The outcomes that a caller is promised.
        }
    }

    private sealed class Seen : IYamuxSink
    {
        internal int Headers { get; private set; }

        internal int Ends { get; private set; }

        internal int Data { get; private set; }

        internal YamuxHeader Last { get; private set; }

        public void OnHeader(in YamuxHeader header) => (Headers, Last) = (Headers + 1, header);

        public void OnData(in YamuxHeader header, ReadOnlySpan<byte> piece) => Data += piece.Length;

        public void OnEnd(in YamuxHeader header) => Ends++;
    }
}
